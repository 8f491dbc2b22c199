package insights

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// cluster is skeletons that are one pattern: those that a skeleton stands for have its frame, and its words where it has
// static ones.
type cluster struct{ skeleton }

// maxClusters is the number of clusters of one frame. What finds no place among them is one more, all of whose words are
// dynamic.
const maxClusters = 500

// clusters returns the clusters of the miner's skeletons.
func (m *patternMiner) clusters(ctx context.Context) ([]*cluster, error) {
	skeletons, err := m.byCount(ctx)
	if err != nil {
		return nil, err
	}
	var all []*cluster
	byFrame := map[string][]*cluster{}
	var frame []byte
	for i, s := range skeletons {
		if i%checkClustered == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		frame = s.appendFrame(frame[:0])
		of := byFrame[string(frame)]
		if c := nearest(of, s); c != nil {
			c.join(s)
			continue
		}
		if err := m.memory.take(s.bytes("")); err != nil {
			return nil, err
		}
		c := &cluster{*s}
		c.words, c.varies = slices.Clone(s.words), slices.Clone(s.varies)
		if len(of) == maxClusters-1 {
			c.openAll()
		}
		byFrame[string(frame)] = append(of, c)
		all = append(all, c)
	}
	return all, nil
}

// checkClustered is how many skeletons, each of which is compared with hundreds of clusters, find theirs before it looks
// whether the query was stopped.
const checkClustered = 16

// byCount is the skeletons, the most frequent first.
func (m *patternMiner) byCount(ctx context.Context) ([]*skeleton, error) {
	type keyed struct {
		key string
		*skeleton
	}
	if err := m.memory.take(40 * int64(len(m.skeletons))); err != nil {
		return nil, err
	}
	all := make([]keyed, 0, len(m.skeletons))
	for key, s := range m.skeletons {
		all = append(all, keyed{key, s})
	}
	err := sortUntil(ctx, all, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(b.total(), a.total()), strings.Compare(a.key, b.key))
	})
	skeletons := make([]*skeleton, len(all))
	for i := range all {
		skeletons[i] = all[i].skeleton
	}
	return skeletons, err
}

func (s *skeleton) total() int64 { return s.counts[0] + s.counts[1] }

// appendFrame appends what stands between the words, with two 0 for each word.
func (s *skeleton) appendFrame(frame []byte) []byte {
	at := 0
	for _, w := range s.words {
		frame = append(appendLiteral(frame, s.text[at:w.start]), 0, 0)
		at = w.end
	}
	return appendLiteral(frame, s.text[at:])
}

// nearest returns the cluster that shares most words with s, the first of those; nil if none shares enough.
func nearest(clusters []*cluster, s *skeleton) *cluster {
	var best *cluster
	bestSame := 0
	for _, c := range clusters {
		same, of := c.same(s)
		if same*2 > of && same > bestSame {
			best, bestSame = c, same
		}
	}
	if best == nil && len(clusters) == maxClusters {
		return clusters[maxClusters-1]
	}
	return best
}

// same returns how many words c and s share, of how many that tell something: dynamic words of the same kind do not. A
// level is not shared by half: texts of two severities share nothing.
func (c *cluster) same(s *skeleton) (same, of int) {
	for i := range c.words {
		mine, other := c.words[i].kind, s.words[i].kind
		switch {
		case mine == static && other == static && c.word(i) == s.word(i):
			same++
			of++
		case mine == static && other == static && c.isLevel(i) && s.isLevel(i):
			return 0, 1
		case mine != other || mine == static:
			of++
		}
	}
	return same, of
}

func (s *skeleton) isLevel(i int) bool {
	text := s.word(i)
	return len(text) <= len("CRITICAL") && severities[strings.ToUpper(text)] != ""
}

// join adds the texts of s: where words differ, the cluster's becomes dynamic.
func (c *cluster) join(s *skeleton) {
	for i := range c.words {
		if c.varies[i] {
			continue
		}
		c.varies[i] = s.varies[i] || c.word(i) != s.word(i)
		if c.words[i].kind != s.words[i].kind || c.words[i].kind == static && c.varies[i] {
			c.words[i].kind = tokenOther
			c.varies[i] = true
		}
	}
	for i := range c.words { // kinds of words that varied before
		if c.words[i].kind != s.words[i].kind && c.words[i].kind != static {
			c.words[i].kind = tokenOther
		}
	}
	c.counts[0] += s.counts[0]
	c.counts[1] += s.counts[1]
}

// openAll makes all words dynamic.
func (c *cluster) openAll() {
	for i := range c.words {
		c.words[i].kind, c.varies[i] = tokenOther, true
	}
}
