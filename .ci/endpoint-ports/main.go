// Prints which ports the endpoint of a pod gets, by the endpoint code of several Kubernetes versions. `install-real-parts`
// copies that code beside this file: it exports nothing, so it cannot be imported.
//
//	{"Service": {...}, "Pod": {...}}  ->  {"1.29": [8080], ...}
package main

import (
	"encoding/json"
	"fmt"
	"os"

	v1 "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/klog/v2"

	"crossfade.example/endpoint-ports/k29"
	"crossfade.example/endpoint-ports/k32"
	"crossfade.example/endpoint-ports/k33"
	"crossfade.example/endpoint-ports/k37"
)

var portsBy = map[string]func(klog.Logger, *v1.Service, *v1.Pod) []discovery.EndpointPort{
	"1.29": k29.Ports, "1.32": k32.Ports, "1.33": k33.Ports, "1.37": k37.Ports,
}

func main() {
	var given struct {
		Service v1.Service
		Pod     v1.Pod
	}
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	setDefaultProtocol(&given.Service, &given.Pod)
	found := map[string][]int32{}
	for version, portsOf := range portsBy {
		found[version] = []int32{}
		for _, port := range portsOf(klog.Background(), &given.Service, &given.Pod) {
			found[version] = append(found[version], *port.Port)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		os.Exit(1)
	}
}

// The API server does so before the endpoint controller sees a resource.
func setDefaultProtocol(service *v1.Service, pod *v1.Pod) {
	for index := range service.Spec.Ports {
		if service.Spec.Ports[index].Protocol == "" {
			service.Spec.Ports[index].Protocol = v1.ProtocolTCP
		}
	}
	for _, containers := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, container := range containers {
			for index := range container.Ports {
				if container.Ports[index].Protocol == "" {
					container.Ports[index].Protocol = v1.ProtocolTCP
				}
			}
		}
	}
}
