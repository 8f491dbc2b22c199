package main

import (
	"bytes"
	"fmt"
	"os"
)

// trim writes the parts of a published model that the generator reads: no documentation, one line for each operation
// and shape. It keeps every operation, so that serving one more needs a line in served.go and no published model.
func trim(src, dst string) error {
	m, err := loadModel(src)
	if err != nil {
		return err
	}
	m.dropUnreached()
	data, err := m.lines()
	if err != nil {
		return fmt.Errorf("trim %s: %w", src, err)
	}
	return os.WriteFile(dst, data, 0o644)
}

// dropUnreached removes the shapes that belong to no input, output or exception (exceptions lose their members).
func (m *Model) dropUnreached() {
	keep := map[string]bool{}
	for _, name := range m.Operations.Keys {
		op := m.Operations.Get(name)
		m.reach(op.Input, keep)
		m.reach(op.Output, keep)
	}
	var shapes ordered[*Shape]
	for _, name := range m.Shapes.Keys {
		s := m.Shapes.Get(name)
		if s.Exception {
			s.Members, s.Required = ordered[*Ref]{}, nil
		}
		if s.Exception || keep[name] {
			shapes.set(name, s)
		}
	}
	m.Shapes = shapes
}

// reach adds the shape of ref, and all that it consists of, to seen.
func (m *Model) reach(ref *Ref, seen map[string]bool) {
	if ref == nil || seen[ref.Shape] {
		return
	}
	seen[ref.Shape] = true
	s := m.Shapes.Get(ref.Shape)
	for _, name := range s.Members.Keys {
		m.reach(s.Members.Get(name), seen)
	}
	for _, part := range []*Ref{s.Member, s.Key, s.Value} {
		m.reach(part, seen)
	}
}

// lines renders the model with one line for each operation and each shape.
func (m *Model) lines() ([]byte, error) {
	meta, err := marshal(m.Metadata)
	if err != nil {
		return nil, err
	}
	ops, err := m.Operations.render("\n", ",\n")
	if err != nil {
		return nil, err
	}
	shapes, err := m.Shapes.render("\n", ",\n")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"metadata\": %s,\n\"operations\": %s,\n\"shapes\": %s}\n", meta, ops, shapes)
	return b.Bytes(), nil
}
