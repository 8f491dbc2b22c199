package gateway

import (
	"fmt"
	"math/rand/v2"
)

// Canary is a second deployment of a stage, which a part of the requests goes to.
type Canary struct {
	Percent       float64 // of the requests, 0 to 100
	UseStageCache bool    // share the stage's response cache
	// Stage is the stage as the canary serves it: its deployment, and the stage's variables with the canary's.
	Stage Stage
}

// canaryTable is a compiled Canary.
type canaryTable struct {
	percent float64
	table   *StageTable
}

const canarySuffix = "/Canary" // of the log groups of a canary's requests

// compileCanary compiles the canary of a stage. Its requests are logged in groups of their own, beside the stage's.
func compileCanary(s Stage) (*canaryTable, error) {
	if s.Canary == nil {
		return nil, nil
	}
	own := s.Canary.Stage
	own.Canary = nil
	t, err := Compile(own)
	if err != nil {
		return nil, fmt.Errorf("compile canary: %w", err)
	}
	t.isCanary, t.sharesCache = true, s.Canary.UseStageCache
	t.canaryDestination = t.destination
	t.canaryDestination.Group += canarySuffix
	t.executionLog.Group += canarySuffix
	return &canaryTable{percent: s.Canary.Percent, table: t}, nil
}

// choose is the table that serves the next request: the stage's, or its canary's.
func (t *StageTable) choose(x *exchange) *StageTable {
	if t.canary == nil {
		return t
	}
	if rand.Float64()*100 < t.canary.percent {
		x.entry.Canary = "true"
		return t.canary.table
	}
	x.entry.Canary = "false"
	return t
}
