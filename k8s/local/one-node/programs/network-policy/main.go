// Enforces network policies on a cluster of one node: whenever a pod, a namespace or a policy changes, it writes anew the one
// nftables table in which all of them stand (rules.go), in one transaction.
package main

import (
	"bytes"
	"flag"
	"log"
	"os/exec"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	// Changes come in flocks: a rollout is many of them.
	gather = 100 * time.Millisecond
	retry  = time.Second
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "of whoever may list pods, namespaces and policies")
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(config), 0)
	pods := factory.Core().V1().Pods()
	namespaces := factory.Core().V1().Namespaces()
	policies := factory.Networking().V1().NetworkPolicies()

	changed := make(chan struct{}, 1)
	tell := func() {
		select {
		case changed <- struct{}{}:
		default: // told already
		}
	}
	onAnything := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { tell() },
		UpdateFunc: func(any, any) { tell() },
		DeleteFunc: func(any) { tell() },
	}
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()} {
		if _, err := informer.AddEventHandler(onAnything); err != nil {
			log.Fatal(err)
		}
	}
	factory.Start(nil)
	factory.WaitForCacheSync(nil)

	tell()
	written := ""
	for range changed {
		time.Sleep(gather)
		everything := labels.Everything()
		allPods, _ := pods.Lister().List(everything)
		allNamespaces, _ := namespaces.Lister().List(everything)
		allPolicies, _ := policies.Lister().List(everything)
		wanted := tableOf(worldOf(allPods, allNamespaces), allPolicies)
		if wanted == written {
			continue
		}
		if err := write(wanted); err != nil {
			log.Printf("%v; the rules before stay\n%s", err, wanted)
			time.Sleep(retry)
			tell()
			continue
		}
		written = wanted
		log.Printf("%d policies on %d pods", len(allPolicies), len(allPods))
	}
}

func write(table string) error {
	command := exec.Command("nft", "--file", "-")
	command.Stdin = strings.NewReader(table)
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Run(); err != nil {
		return &refused{said.String(), err}
	}
	return nil
}

type refused struct {
	said string
	err  error
}

func (r *refused) Error() string { return "nft: " + r.err.Error() + ": " + r.said }
