// containerd-resolve FOLDER IMAGE asks for an image as containerd does with this folder of hosts.toml files, and prints
// the digest that it gets.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/containerd/containerd/remotes/docker"
	"github.com/containerd/containerd/remotes/docker/config"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: containerd-resolve FOLDER IMAGE")
	}
	ctx := context.Background()
	resolver := docker.NewResolver(docker.ResolverOptions{
		Hosts: config.ConfigureHosts(ctx, config.HostOptions{HostDir: config.HostDirFromRoot(os.Args[1])}),
	})
	_, descriptor, err := resolver.Resolve(ctx, os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(descriptor.Digest)
}
