// pause is the sandbox process and the test workload in one: it sleeps until it is told to stop. With -http it also
// answers "ok" to every request on port 8080.
package main

import (
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	serve := flag.Bool("http", false, "answer ok on :8080")
	flag.Parse()
	if *serve {
		go func() {
			log.Fatal(http.ListenAndServe(":8080", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "ok\n")
			})))
		}()
	}
	// As process 1 of a sandbox it must take over orphans and stop on request: no signal has a default action there.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	<-stop
}
