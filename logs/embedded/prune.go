package embedded

import (
	"errors"
	"maps"
	"slices"

	"github.com/tollbook/tollbook/logs"
)

// pruneTombstones drops the tombstones that hide nothing any more: no head, write-ahead log or segment holds events that
// they touch, and since later events are not touched, none ever will. It reads pages, so it is work for the background.
func (s *Store) pruneTombstones() error {
	s.mu.RLock()
	if len(s.garbage) > 0 || len(s.dead) == 0 { // a file that should be gone may come back with events that are dead
		s.mu.RUnlock()
		return nil
	}
	all := s.dead.clone()
	held := all.clone() // what a head holds stays, and what a segment holds
	maps.DeleteFunc(held, func(id logs.GroupID, g *groupTombstones) bool {
		g.keep(func(r deadRule, _ *logs.StreamID) bool {
			return slices.ContainsFunc(s.heads(), func(h *head) bool { return h.holds(id, r) })
		})
		return g.empty()
	})
	var segments []*segment
	for _, g := range s.segments {
		segments = append(segments, g.acquire())
	}
	s.mu.RUnlock()
	defer func() {
		for _, g := range segments {
			g.release()
		}
	}()
	idle := tombstones{}
	for id, g := range all {
		i, err := g.idle(held[id], func(r deadRule, stream *logs.StreamID) (bool, error) { return heldBy(segments, id, stream, r) })
		if err != nil {
			return err
		}
		if !i.empty() {
			idle[id] = i
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead.remove(idle)
	return nil
}

// keep drops the tombstones of which kept says no. It is asked about a stream's with the stream.
func (g *groupTombstones) keep(kept func(r deadRule, stream *logs.StreamID) bool) {
	if g.bound > 0 && !kept(deadRule{bound: g.bound}, nil) {
		g.bound = 0
	}
	maps.DeleteFunc(g.streams, func(s logs.StreamID, b uint64) bool { return !kept(deadRule{bound: b}, &s) })
	g.expiry = slices.DeleteFunc(slices.Clone(g.expiry), func(e expiry) bool {
		return !kept(deadRule{expiry: []expiry{e}}, nil)
	})
}

// idle returns the tombstones that are not among those held, and of which held says no.
func (g *groupTombstones) idle(
	by *groupTombstones, held func(r deadRule, stream *logs.StreamID) (bool, error),
) (*groupTombstones, error) {
	if by == nil {
		by = &groupTombstones{}
	}
	idle := &groupTombstones{g.bound, maps.Clone(g.streams), g.expiry}
	var failed error
	idle.keep(func(r deadRule, stream *logs.StreamID) bool {
		switch {
		case failed != nil,
			stream != nil && by.streams[*stream] == r.bound,
			stream == nil && r.bound > 0 && by.bound == r.bound,
			len(r.expiry) > 0 && slices.Contains(by.expiry, r.expiry[0]):
			return false
		}
		yes, err := held(r, stream)
		failed = err
		return !yes && err == nil
	})
	return idle, failed
}

// remove drops tombstones, unless there are others in their place by now.
func (ts tombstones) remove(idle tombstones) {
	for id, i := range idle {
		g := ts[id]
		if g == nil {
			continue
		}
		if g.bound == i.bound {
			g.bound = 0
		}
		maps.DeleteFunc(g.streams, func(s logs.StreamID, b uint64) bool { return i.streams[s] == b })
		g.expiry = slices.DeleteFunc(slices.Clone(g.expiry), func(e expiry) bool { return slices.Contains(i.expiry, e) })
		if g.empty() {
			delete(ts, id)
		}
	}
}

// holds reports whether the head, or its write-ahead logs, may hold events of the group that the rule touches.
func (h *head) holds(group logs.GroupID, rule deadRule) bool {
	g := h.groups[group]
	return g != nil && rule.fate(g.extent) != alive
}

// heldBy reports whether segments hold events that the rule touches, of one stream or of all the group's. What cannot be
// read may hold them.
func heldBy(segments []*segment, group logs.GroupID, stream *logs.StreamID, rule deadRule) (bool, error) {
	for _, g := range segments {
		for i := range g.blocks {
			if b := &g.blocks[i]; !b.mayHold(group) || rule.fate(b.extent) == alive {
				continue
			}
			if held, err := g.blockHolds(i, group, stream, rule); held || err != nil {
				return held, err
			}
		}
	}
	return false, nil
}

func (g *segment) blockHolds(i int, group logs.GroupID, stream *logs.StreamID, rule deadRule) (bool, error) {
	if b := &g.blocks[i]; stream == nil && b.firstGroup == b.lastGroup {
		return true, nil
	}
	for j := g.blocks[i].fromPage; j < g.blocks[i].toPage; j++ {
		if !g.pages[j].touched(group, nil) {
			continue
		}
		p, err := g.pageOnce(j)
		if errors.Is(err, errSetAside) || errors.Is(err, logs.ErrCorrupt) {
			return true, nil
		} else if err != nil {
			return false, err
		}
		for _, q := range p.find(group) {
			if (stream == nil || q.stream == *stream) && rule.fate(q.extent()) != alive {
				return true, nil
			}
		}
	}
	return false, nil
}
