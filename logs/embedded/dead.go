package embedded

import (
	"errors"
	"maps"
	"slices"

	"github.com/tollbook/tollbook/logs"
)

// deadView is the tombstones at one moment, as the compactor looks at them.
type deadView struct {
	tombstones
	version uint64         // grows with each tombstone
	groups  []logs.GroupID // sorted
}

func newDeadView(dead tombstones, version uint64) *deadView {
	return &deadView{dead, version, slices.Sorted(maps.Keys(dead))}
}

// between returns the groups from first to last that have tombstones.
func (v *deadView) between(first, last logs.GroupID) []logs.GroupID {
	from, _ := slices.BinarySearch(v.groups, first)
	to, found := slices.BinarySearch(v.groups, last)
	if found {
		to++
	}
	return v.groups[from:to]
}

// deadMemo keeps what deadIn found out about the blocks of a segment, for the tombstones of one version. It belongs to the
// compactor.
type deadMemo struct {
	version uint64
	blocks  []deadSum
}

// deadSum sums up what of a block is dead.
type deadSum struct {
	fate  fate
	bytes int64 // of messages in parts that are dead as a whole
}

// lookAtDead returns what is dead in each block of the segment.
func (g *segment) lookAtDead(v *deadView) ([]deadSum, error) {
	if g.deadMemo.blocks != nil && g.deadMemo.version == v.version {
		return g.deadMemo.blocks, nil
	}
	sums := make([]deadSum, len(g.blocks))
	for i := range sums {
		var err error
		if sums[i], err = g.deadIn(i, v); err != nil {
			return nil, err
		}
	}
	g.deadMemo = deadMemo{v.version, sums}
	return sums, nil
}

// deadIn reads pages only where the sums of the block do not tell.
func (g *segment) deadIn(i int, v *deadView) (deadSum, error) {
	b := &g.blocks[i]
	groups := v.between(b.firstGroup, b.lastGroup)
	if !slices.ContainsFunc(groups, func(id logs.GroupID) bool { return v.tombstones[id].touch(b.extent) }) {
		return deadSum{}, nil
	}
	if b.firstGroup == b.lastGroup && v.groupRule(b.firstGroup).fate(b.extent) == dead {
		return deadSum{dead, b.bytes}, nil
	}
	sum := deadSum{}
	var events int64 // dead for sure
	for j := b.fromPage; j < b.toPage; j++ {
		p, err := g.pageOnce(j)
		if errors.Is(err, errSetAside) || errors.Is(err, logs.ErrCorrupt) {
			continue // not known to be dead; the segment counts as damaged now
		} else if err != nil {
			return sum, err
		}
		for _, id := range groups {
			for _, q := range p.find(id) {
				switch v.rule(id, q.stream).fate(q.extent()) {
				case mixed:
					sum.fate = mixed
				case dead:
					sum.bytes += q.bytes
					events += int64(q.events)
				}
			}
		}
	}
	if events == b.events {
		sum.fate = dead
	} else if events > 0 {
		sum.fate = mixed
	}
	return sum, nil
}

// touch reports whether any of the tombstones may touch events of the extent.
func (g *groupTombstones) touch(x extent) bool {
	if (deadRule{bound: g.bound, expiry: g.expiry}).fate(x) != alive {
		return true
	}
	for _, bound := range g.streams {
		if x.firstArrival < bound {
			return true
		}
	}
	return false
}

// groupRule returns the rule that holds for all streams of a group.
func (ts tombstones) groupRule(group logs.GroupID) deadRule {
	if g := ts[group]; g != nil {
		return deadRule{bound: g.bound, expiry: g.expiry}
	}
	return deadRule{}
}

// allDead reports whether no event of the segment lives, and how many bytes of messages are dead.
func allDead(sums []deadSum) (all bool, bytes int64) {
	all = true
	for _, s := range sums {
		all = all && s.fate == dead
		bytes += s.bytes
	}
	return all, bytes
}
