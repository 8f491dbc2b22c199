//go:build !linux

package gateway

// loops are event loops, which this system has none of.
type loops struct{}

func newLoops(*Gateway) *loops { return &loops{} }

func (*loops) serve(*listener) (ok bool, err error) { return false, nil }

func (*loops) shutdown(<-chan struct{}) {}
