// referrers-registry is an OCI registry in memory that has the referrers API, which distribution lacks.
// It serves plain HTTP on the address given, or TLS when a certificate and a key follow.
package main

import (
	"log"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	if len(os.Args) != 2 && len(os.Args) != 4 {
		log.Fatal("usage: referrers-registry HOST:PORT [CERTIFICATE KEY]")
	}
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	// With port 0 this is how the starter learns the port.
	log.Printf("listening on %s", listener.Addr())
	handler := registry.New(registry.WithReferrersSupport(true))
	if len(os.Args) == 4 {
		log.Fatal(http.ServeTLS(listener, handler, os.Args[2], os.Args[3]))
	}
	log.Fatal(http.Serve(listener, handler))
}
