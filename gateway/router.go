package gateway

import (
	"errors"
	"fmt"
	"strings"
)

// router finds the resource for a path. It is a tree with a level for each segment of the path:
//
//	/notes           node "notes"
//	/notes/{id}      node "notes" → param
//	/notes/{proxy+}  node "notes" → greedy, which takes one or more segments and has no children
//
// A static segment goes before a parameter, and that before a greedy one; where the better choice leads nowhere, the next
// is tried. A match visits a node at most once, so its cost is bounded by the path and does not depend on how many routes
// stand beside the matching one.
type router struct{ root node }

type node struct {
	static  map[string]*node
	param   *node
	greedy  *node
	methods []*route // of this very resource; empty if it has none
	any     *route
}

var (
	errAfterGreedy = errors.New("nothing can follow a greedy parameter")
	errTwice       = errors.New("the method is there already")
)

// add puts a route into the tree.
func (r *router) add(rt *route) error {
	n := &r.root
	greedy := false
	for _, segment := range segments(rt.resourcePath) {
		if greedy {
			return fmt.Errorf("resource %s: %w", rt.resourcePath, errAfterGreedy)
		}
		name, isGreedy := parameter(segment)
		n = n.child(segment, name != "", isGreedy)
		if name != "" {
			rt.params = append(rt.params, name)
		}
		greedy = isGreedy
	}
	if err := n.addMethod(rt); err != nil {
		return fmt.Errorf("%s %s: %w", rt.method, rt.resourcePath, err)
	}
	return nil
}

// segments are the parts of a resource path; none for "/".
func segments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// parameter returns the name in "{name}" or "{name+}", or the empty string for a static segment.
func parameter(segment string) (name string, greedy bool) {
	if len(segment) < 3 || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return "", false
	}
	name = segment[1 : len(segment)-1]
	name, greedy = strings.CutSuffix(name, "+")
	return name, greedy
}

// child returns the node below n, which it makes if it is absent.
func (n *node) child(segment string, param, greedy bool) *node {
	switch {
	case greedy:
		return makeNode(&n.greedy)
	case param:
		return makeNode(&n.param)
	}
	c := n.static[segment]
	if c == nil {
		if n.static == nil {
			n.static = map[string]*node{}
		}
		c = &node{}
		n.static[segment] = c
	}
	return c
}

func makeNode(place **node) *node {
	if *place == nil {
		*place = &node{}
	}
	return *place
}

func (n *node) addMethod(rt *route) error {
	if rt.method == methodAny {
		if n.any != nil {
			return errTwice
		}
		n.any = rt
		return nil
	}
	for _, other := range n.methods {
		if other.method == rt.method {
			return errTwice
		}
	}
	n.methods = append(n.methods, rt)
	return nil
}

// find returns the resource for the path and adds the values of its parameters, in the order of the path, to values. The
// path begins with "/"; a "/" at its end does not count. Nil: no resource.
func (r *router) find(path string, values []string) (*node, []string) {
	path = strings.TrimSuffix(path[1:], "/")
	if path == "" {
		if !r.root.served() {
			return nil, values
		}
		return &r.root, values
	}
	return r.root.find(path, values)
}

func (n *node) find(path string, values []string) (*node, []string) {
	segment, rest, more := strings.Cut(path, "/")
	if c := n.static[segment]; c != nil {
		if found, v := c.below(rest, more, values); found != nil {
			return found, v
		}
	}
	if n.param != nil && segment != "" {
		if found, v := n.param.below(rest, more, append(values, segment)); found != nil {
			return found, v
		}
	}
	if n.greedy != nil && n.greedy.served() {
		return n.greedy, append(values, path)
	}
	return nil, values
}

// below goes on with what follows the segment that led to n.
func (n *node) below(rest string, more bool, values []string) (*node, []string) {
	if more {
		return n.find(rest, values)
	}
	if n.served() {
		return n, values
	}
	return nil, values
}

func (n *node) served() bool { return n.any != nil || len(n.methods) > 0 }

const methodAny = "ANY"

// route returns the resource's route for a method: its own before ANY. Nil: the resource has none.
func (n *node) route(method string) *route {
	for _, rt := range n.methods {
		if rt.method == method {
			return rt
		}
	}
	if n.any != nil && coveredByAny(method) {
		return n.any
	}
	return nil
}

// coveredByAny reports whether AWS counts the method among those that ANY stands for.
func coveredByAny(method string) bool {
	switch method {
	case "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS":
		return true
	}
	return false
}
