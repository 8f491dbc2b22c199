// Package lint holds tests about the tree itself: which package may import which.
package lint
