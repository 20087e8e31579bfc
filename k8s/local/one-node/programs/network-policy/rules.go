package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// A pod that policies select has a chain for each direction in which they isolate it; whatever no line of that accepts is
// rejected, so that who was refused hears of it at once. What belongs to an accepted connection passes. What the node itself
// sends (probes) is not looked at: it comes by no hook of this table. IPv4 only.
const head = `table inet one_node_policies
delete table inet one_node_policies
table inet one_node_policies {
`

type world struct {
	pods       []*core.Pod
	namespaces map[string]labels.Set
}

// worldOf leaves out pods that have no address of their own, or no more.
func worldOf(pods []*core.Pod, namespaces []*core.Namespace) world {
	known := world{namespaces: map[string]labels.Set{}}
	for _, namespace := range namespaces {
		known.namespaces[namespace.Name] = namespace.Labels
	}
	for _, pod := range pods {
		hasEnded := pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
		if pod.Status.PodIP != "" && !pod.Spec.HostNetwork && !hasEnded {
			known.pods = append(known.pods, pod)
		}
	}
	slices.SortFunc(known.pods, func(one, other *core.Pod) int { return cmp.Compare(one.Status.PodIP, other.Status.PodIP) })
	return known
}

// tableOf is the same text for the same objects, in whatever order they are listed.
func tableOf(known world, policies []*networking.NetworkPolicy) string {
	policies = slices.SortedFunc(slices.Values(policies), func(one, other *networking.NetworkPolicy) int {
		return cmp.Or(cmp.Compare(one.Namespace, other.Namespace), cmp.Compare(one.Name, other.Name))
	})
	var chains strings.Builder
	jumps := map[networking.PolicyType][]string{}
	for _, pod := range known.pods {
		for _, direction := range []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress} {
			lines, isIsolated := linesOf(known, pod, direction, policies)
			if !isIsolated {
				continue
			}
			chain := strings.ToLower(string(direction)) + "_" + strings.ReplaceAll(pod.Status.PodIP, ".", "_")
			fmt.Fprintf(&chains, "  chain %s {\n%s    reject with icmpx admin-prohibited\n  }\n", chain, strings.Join(lines, ""))
			jumps[direction] = append(jumps[direction], pod.Status.PodIP+" : jump "+chain)
		}
	}
	from := lookUp("saddr", jumps[networking.PolicyTypeEgress])
	to := lookUp("daddr", jumps[networking.PolicyTypeIngress])
	// `input` is what pods send to the node itself.
	return head + chains.String() + hook("forward", from+to) + hook("input", from) + "}\n"
}

func lookUp(side string, jumps []string) string {
	if len(jumps) == 0 {
		return ""
	}
	return fmt.Sprintf("    ip %s vmap { %s }\n", side, strings.Join(jumps, ", "))
}

func hook(name, lines string) string {
	// After the proxy has turned services into pods.
	return fmt.Sprintf("  chain %s {\n    type filter hook %s priority filter + 5; policy accept;\n"+
		"    ct state established,related accept\n%s  }\n", name, name, lines)
}

// linesOf says what the pod may do in this direction: all that any policy which selects it allows.
func linesOf(known world, pod *core.Pod, direction networking.PolicyType, policies []*networking.NetworkPolicy) (lines []string, isIsolated bool) {
	for _, policy := range policies {
		if policy.Namespace != pod.Namespace || !selects(&policy.Spec.PodSelector, pod.Labels) ||
			!slices.Contains(policy.Spec.PolicyTypes, direction) {
			continue
		}
		isIsolated = true
		switch direction {
		case networking.PolicyTypeIngress:
			for _, rule := range policy.Spec.Ingress {
				for _, peer := range peersOf(known, policy.Namespace, rule.From) {
					lines = append(lines, accept("saddr", peer, portsOf(rule.Ports, []*core.Pod{pod}))...)
				}
			}
		case networking.PolicyTypeEgress:
			for _, rule := range policy.Spec.Egress {
				for _, peer := range peersOf(known, policy.Namespace, rule.To) {
					lines = append(lines, accept("daddr", peer, portsOf(rule.Ports, peer.pods))...)
				}
			}
		}
	}
	return lines, isIsolated
}

// peer is anybody, a range of addresses, or pods.
type peer struct {
	isAnybody bool
	block     *networking.IPBlock
	pods      []*core.Pod
}

func peersOf(known world, namespace string, named []networking.NetworkPolicyPeer) (peers []peer) {
	if len(named) == 0 {
		return []peer{{isAnybody: true}}
	}
	for _, each := range named {
		if each.IPBlock != nil {
			if !strings.Contains(each.IPBlock.CIDR, ":") {
				peers = append(peers, peer{block: each.IPBlock})
			}
			continue
		}
		var pods []*core.Pod
		for _, pod := range known.pods {
			isThere := pod.Namespace == namespace
			if each.NamespaceSelector != nil {
				isThere = selects(each.NamespaceSelector, known.namespaces[pod.Namespace])
			}
			if isThere && (each.PodSelector == nil || selects(each.PodSelector, pod.Labels)) {
				pods = append(pods, pod)
			}
		}
		if len(pods) > 0 {
			peers = append(peers, peer{pods: pods})
		}
	}
	return peers
}

// portsOf is one match for each port, or none for all of them. A name is looked up in the pods that are connected to.
func portsOf(ports []networking.NetworkPolicyPort, targets []*core.Pod) (matches []string) {
	if len(ports) == 0 {
		return []string{""}
	}
	for _, port := range ports {
		protocol := "tcp"
		if port.Protocol != nil {
			protocol = strings.ToLower(string(*port.Protocol))
		}
		switch {
		case port.Port == nil:
			matches = append(matches, "meta l4proto "+protocol+" ")
		case port.Port.Type == intstr.String:
			for _, number := range named(port.Port.StrVal, targets) {
				matches = append(matches, fmt.Sprintf("%s dport %d ", protocol, number))
			}
		case port.EndPort != nil:
			matches = append(matches, fmt.Sprintf("%s dport %d-%d ", protocol, port.Port.IntVal, *port.EndPort))
		default:
			matches = append(matches, fmt.Sprintf("%s dport %d ", protocol, port.Port.IntVal))
		}
	}
	return matches
}

func named(name string, pods []*core.Pod) (numbers []int32) {
	for _, pod := range pods {
		for _, container := range pod.Spec.Containers {
			for _, port := range container.Ports {
				if port.Name == name && !slices.Contains(numbers, port.ContainerPort) {
					numbers = append(numbers, port.ContainerPort)
				}
			}
		}
	}
	return numbers
}

// accept ends the pod's chain for this direction; the other end's is still looked at.
func accept(side string, who peer, ports []string) (lines []string) {
	address := ""
	switch {
	case who.isAnybody:
	case who.block != nil:
		address = fmt.Sprintf("ip %s %s ", side, who.block.CIDR)
		if len(who.block.Except) > 0 {
			address += fmt.Sprintf("ip %s != { %s } ", side, strings.Join(who.block.Except, ", "))
		}
	default:
		var addresses []string
		for _, pod := range who.pods {
			addresses = append(addresses, pod.Status.PodIP)
		}
		address = fmt.Sprintf("ip %s { %s } ", side, strings.Join(addresses, ", "))
	}
	for _, port := range ports {
		lines = append(lines, "    "+address+port+"return\n")
	}
	return lines
}

func selects(selector *meta.LabelSelector, of labels.Set) bool {
	parsed, err := meta.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(of)
}
