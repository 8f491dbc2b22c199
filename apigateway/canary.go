package apigateway

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// canaryRecord is a canary release: a second deployment that a part of a stage's requests goes to.
type canaryRecord struct {
	DeploymentID           string            `json:"deploymentId"`
	PercentTraffic         float64           `json:"percentTraffic"`
	StageVariableOverrides map[string]string `json:"stageVariableOverrides,omitempty"`
	UseStageCache          bool              `json:"useStageCache,omitempty"`
}

// variables are a stage's as its canary sees them.
func (c *canaryRecord) variables(stage map[string]string) map[string]string {
	merged := map[string]string{}
	maps.Copy(merged, stage)
	maps.Copy(merged, c.StageVariableOverrides)
	return merged
}

func (c *canaryRecord) check() error {
	if math.IsNaN(c.PercentTraffic) || c.PercentTraffic < 0 || c.PercentTraffic > 100 {
		return badRequest("Percent traffic must be between 0.0 and 100.0")
	}
	return checkVariables(c.StageVariableOverrides)
}

func (c *canaryRecord) toWire() *awsapigateway.CanarySettings {
	if c == nil {
		return nil
	}
	return &awsapigateway.CanarySettings{
		DeploymentId:           optional(c.DeploymentID),
		PercentTraffic:         &c.PercentTraffic,
		StageVariableOverrides: nilIfEmptyMap(c.StageVariableOverrides),
		UseStageCache:          &c.UseStageCache,
	}
}

// checkDeploymentCanary gives AWS' errors of a deployment as a canary: the stage has to be there.
func (v view) checkDeploymentCanary(in *awsapigateway.CreateDeploymentRequest) error {
	if in.CanarySettings == nil {
		return nil
	}
	if deref(in.StageName) == "" {
		given := "null"
		if in.StageName != nil {
			given = "" // AWS prints what was given
		}
		return badRequest("Invalid deployment content specified.Non null and non empty stageName must be provided for canary "+
			"deployment. Provided value is %s", given)
	}
	_, ok, err := lookup(v, stages, in.RestApiId, *in.StageName)
	if err == nil && !ok {
		err = badRequest("Invalid deployment content specified.Stage %s must already be created before making a canary "+
			"release deployment", *in.StageName)
	}
	return err
}

// deployCanary makes a deployment the stage's canary; the stage's own deployment stays.
func (st *stageRecord) deployCanary(in *awsapigateway.DeploymentCanarySettings, deploymentID string) error {
	st.Canary = &canaryRecord{
		DeploymentID:           deploymentID,
		PercentTraffic:         deref(in.PercentTraffic),
		StageVariableOverrides: in.StageVariableOverrides,
		UseStageCache:          deref(in.UseStageCache),
	}
	return st.Canary.check()
}

// newStageCanary is the canary that a new stage begins with; nil for none.
func (v view) newStageCanary(in *awsapigateway.CreateStageRequest) (*canaryRecord, error) {
	c := in.CanarySettings
	if c == nil {
		return nil, nil
	}
	canary := &canaryRecord{
		DeploymentID:           deref(c.DeploymentId),
		PercentTraffic:         deref(c.PercentTraffic),
		StageVariableOverrides: c.StageVariableOverrides,
		UseStageCache:          deref(c.UseStageCache),
	}
	_, ok, err := lookup(v, deployments, in.RestApiId, canary.DeploymentID)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, badRequest("Deployment id does not exist")
	}
	return canary, canary.check()
}

// canaryRules are the paths of canarySettings in a stage. A first setting makes the canary, which then serves the stage's own
// deployment to nobody.
func (p stagePatcher) canaryRules() []patchRule[stageRecord] {
	rule := func(path string, apply func(*canaryRecord, patchOp) error) patchRule[stageRecord] {
		return replaceRule("/canarySettings/"+path, func(st *stageRecord, op patchOp) error {
			if st.Canary == nil {
				st.Canary = &canaryRecord{DeploymentID: st.DeploymentID}
			}
			if err := apply(st.Canary, op); err != nil {
				return err
			}
			return st.Canary.check()
		})
	}
	override := rule("stageVariableOverrides/*", patchOverride)
	override.ops = []string{opAdd, opRemove, opReplace}
	return []patchRule[stageRecord]{
		{path: "/canarySettings", ops: []string{opRemove}, apply: removeCanary},
		rule("deploymentId", func(c *canaryRecord, op patchOp) error {
			c.DeploymentID = op.text()
			_, err := p.view.deployment(p.apiID, c.DeploymentID)
			return err
		}),
		rule("percentTraffic", patchPercent),
		rule("stageVariableOverrides", func(c *canaryRecord, op patchOp) error {
			c.StageVariableOverrides = nil
			if json.Unmarshal([]byte(op.text()), &c.StageVariableOverrides) != nil {
				return badRequest("Invalid value for /canarySettings/stageVariableOverrides: %s", op.text())
			}
			return nil
		}),
		override,
		rule("useStageCache", func(c *canaryRecord, op patchOp) error {
			c.UseStageCache = op.flag()
			return nil
		}),
	}
}

func removeCanary(st *stageRecord, _ patchOp) error {
	st.Canary = nil
	return nil
}

func patchPercent(c *canaryRecord, op patchOp) error {
	percent, err := strconv.ParseFloat(op.text(), 64)
	if err != nil {
		return badRequest("Invalid value for percentTraffic: %s", op.text())
	}
	c.PercentTraffic = percent
	return nil
}

func patchOverride(c *canaryRecord, op patchOp) error {
	if op.op == opRemove {
		delete(c.StageVariableOverrides, op.last())
		return nil
	}
	if c.StageVariableOverrides == nil {
		c.StageVariableOverrides = map[string]string{}
	}
	c.StageVariableOverrides[op.last()] = op.text()
	return nil
}

// The places that a promotion copies to and from.
var (
	promotionPaths = []string{"/deploymentId", "/variables"}
	promotionFroms = []string{"/canarySettings/deploymentId", "/canarySettings/stageVariableOverrides"}
)

// promote copies what is the canary's to the same place of the stage.
func promote(st *stageRecord, op patchOp) error {
	at, from := slices.Index(promotionPaths, op.path), slices.Index(promotionFroms, op.from)
	switch {
	case at < 0 || from < 0 || at != from:
		return errStageCopy(op)
	case st.Canary == nil:
		return badRequest("Promotion not available. Canary does not exist.")
	case at == 0:
		st.DeploymentID = st.Canary.DeploymentID
	default:
		st.Variables = st.Canary.variables(st.Variables)
	}
	return nil
}

func errStageCopy(op patchOp) error {
	return badRequest("Invalid copy operation with path: %s and from %s. Valid copy:path are [/deploymentId, /variables] and "+
		"valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]", op.path, op.from)
}
