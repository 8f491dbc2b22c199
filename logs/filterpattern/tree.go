package filterpattern

import "slices"

// maxTests is more than a pattern of MaxLength characters has room for.
const maxTests = 192

// bits is a set of tests, by their numbers.
type bits [maxTests / 64]uint64

func (b *bits) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b *bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// restore gives the members of mask the state that they have in old.
func (b *bits) restore(old, mask *bits) {
	for i := range b {
		b[i] = b[i]&^mask[i] | old[i]&mask[i]
	}
}

// node is a place in messages to which selectors lead or which they pass. Where a wildcard and a name lead to the same
// place, the name's node has the wildcard's selectors too, so that a message is followed through one node at a time.
type node struct {
	tests      []int // that are about the value at this place
	capture    bool  // the value itself is asked for
	members    []child
	elements   []child
	anyMember  *node // of members with other names
	anyElement *node // of elements with other indexes
}

// child is a node below an object or array.
type child struct {
	name  string
	index int
	node  *node
	own   bits // the tests that come here by this name, rather than by a wildcard
}

func (n *node) member(name string) (*node, *child) {
	for i := range n.members {
		if c := &n.members[i]; c.name == name {
			return c.node, c
		}
	}
	return n.anyMember, nil
}

func (n *node) element(index int) *node {
	for i := range n.elements {
		if c := &n.elements[i]; c.index == index {
			return c.node
		}
	}
	return n.anyElement
}

// trail is what is left of a test's selector on the way down.
type trail struct {
	test  int
	steps []step
}

// buildTree makes one tree of the selectors of all tests.
func buildTree(tests []test) *node {
	trails := make([]trail, len(tests))
	for i, t := range tests {
		trails[i] = trail{i, t.steps}
	}
	return buildNode(trails)
}

// captureTree makes the tree of one selector whose value is asked for.
func captureTree(steps []step) *node {
	root := &node{}
	if len(steps) == 0 {
		root.capture = true
		return root
	}
	c := []child{{name: steps[0].name, index: steps[0].index, node: captureTree(steps[1:])}}
	if steps[0].kind == memberStep {
		root.members = c
	} else {
		root.elements = c
	}
	return root
}

func buildNode(trails []trail) *node {
	if len(trails) == 0 {
		return nil
	}
	n := &node{}
	var below []trail
	for _, t := range trails {
		if len(t.steps) == 0 {
			n.tests = append(n.tests, t.test)
		} else {
			below = append(below, t)
		}
	}
	n.members, n.anyMember = buildChildren(below, memberStep, anyMemberStep)
	n.elements, n.anyElement = buildChildren(below, elementStep, anyElementStep)
	return n
}

// buildChildren makes a node for each step of a kind, and one for the wildcard.
func buildChildren(trails []trail, kind, wildcard stepKind) (children []child, rest *node) {
	isRest := func(t trail) bool { return t.steps[0].kind == wildcard }
	for _, t := range trails {
		first := t.steps[0]
		known := func(c child) bool { return c.name == first.name && c.index == first.index }
		if first.kind != kind || slices.ContainsFunc(children, known) {
			continue
		}
		same := func(t trail) bool { return t.steps[0] == first }
		c := child{name: first.name, index: first.index}
		for _, t := range trails {
			if same(t) {
				c.own.set(t.test)
			}
		}
		c.node = buildNode(advance(trails, func(t trail) bool { return same(t) || isRest(t) }))
		children = append(children, c)
	}
	return children, buildNode(advance(trails, isRest))
}

// advance returns the selected trails without their first step.
func advance(trails []trail, selected func(trail) bool) []trail {
	var next []trail
	for _, t := range trails {
		if selected(t) {
			next = append(next, trail{t.test, t.steps[1:]})
		}
	}
	return next
}
