// k3s-resolve FILE [IMAGE] reads a registries.yaml as K3s does, but refuses what K3s would pass over: unknown and
// repeated keys. With an image it asks the file's endpoints for it, and prints the digest that the first of them answers.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/rancher/wharfie/pkg/registries"
	"gopkg.in/yaml.v2"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 && len(os.Args) != 3 {
		log.Fatal("usage: k3s-resolve FILE [IMAGE]")
	}
	text, err := os.ReadFile(os.Args[1])
	check(err)
	check(yaml.UnmarshalStrict(text, &registries.Registry{}))
	if len(os.Args) == 2 {
		return
	}
	nodes, err := registries.GetPrivateRegistries(os.Args[1])
	check(err)
	reference, err := name.ParseReference(os.Args[2])
	check(err)
	image, err := nodes.Image(reference)
	check(err)
	digest, err := image.Digest()
	check(err)
	fmt.Println(digest)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
