package apigateway

import (
	"encoding/json"
	"fmt"
	"strings"
)

// unknownStagePath is AWS' text letter for letter, missing commas included.
const unknownStagePath = "Invalid method setting path: %s. Must be one of: [/deploymentId, /description, " +
	"/cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, " +
	"/accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, " +
	"/{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, " +
	"/{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit" +
	"/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, " +
	"/{resourcePath}/{httpMethod}/caching/dataEncrypted, " +
	"/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, " +
	"/{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, " +
	"/*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit " +
	"/*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, " +
	"/*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, " +
	"/variables/{variable_name}, /tracingEnabled]"

// stagePatcher is what the patch operations of a stage need to know beside the stage.
type stagePatcher struct {
	view       view
	apiID      string
	hasLogRole bool // the account has a role to write logs with
}

// table is the fixed paths of a Stage; all others are taken for method settings.
func (p stagePatcher) table() patchTable[stageRecord] {
	return patchTable[stageRecord]{
		rules: append(p.canaryRules(), []patchRule[stageRecord]{
			{path: "/accessLogSettings", ops: []string{opRemove}, apply: removeAccessLog},
			setPath("/accessLogSettings/destinationArn", p.patchDestination),
			setPath("/accessLogSettings/format", p.patchFormat),
			replaceRule("/cacheClusterEnabled", patchCacheEnabled),
			replaceRule("/cacheClusterSize", patchCacheSize),
			replaceRule("/clientCertificateId", p.patchClientCertificate),
			{path: "/deploymentId", ops: []string{opReplace, opCopy}, apply: p.patchDeploymentID},
			replaceText("/description", func(st *stageRecord) *string { return &st.Description }),
			replaceRule("/documentationVersion", p.patchDocumentationVersion),
			replaceFlag("/tracingEnabled", func(st *stageRecord) *bool { return &st.TracingEnabled }),
			{path: "/variables", ops: []string{opRemove, opReplace, opCopy}, apply: patchVariables},
			{path: "/variables/*", ops: []string{opRemove, opReplace}, apply: patchVariable},
		}...),
		unsupportedOp: func(op patchOp, _ []string) error { return errStageOp(op) },
		fallback:      p.patchOther,
	}
}

// setPath is a path of the access log settings: add and replace do the same.
func setPath(path string, apply func(*stageRecord, patchOp) error) patchRule[stageRecord] {
	return patchRule[stageRecord]{path: path, ops: []string{opAdd, opReplace}, apply: apply}
}

// patchOther takes what no fixed path has: method settings, or a path that AWS does not know either.
func (p stagePatcher) patchOther(st *stageRecord, op patchOp) error {
	if op.parts == nil || op.op == opCopy || op.op != opRemove && inAccessLogSettings(op) {
		return errStageOp(op)
	}
	return p.patchMethodSetting(st, op)
}

func inAccessLogSettings(op patchOp) bool {
	return len(op.parts) > 0 && op.parts[0] == "accessLogSettings"
}

// errStageOp is the error for an operation that its path does not support.
func errStageOp(op patchOp) error {
	switch {
	case op.parts == nil:
		return badRequest(unknownStagePath, op.path)
	case op.op == opCopy:
		return errStageCopy(op)
	case inAccessLogSettings(op) && op.op == opRemove:
		return errNoMethodSetting(op)
	case inAccessLogSettings(op):
		return errAccessLogPath()
	}
	return badRequest("Invalid %s operation with path: %s", op.op, op.path)
}

func errNoMethodSetting(op patchOp) error {
	// AWS ends the text with a space.
	return badRequest("Cannot remove method setting %s because there is no method setting for this method ",
		strings.TrimPrefix(op.path, "/"))
}

func removeAccessLog(st *stageRecord, _ patchOp) error {
	st.AccessLog = accessLogRecord{}
	return nil
}

func patchCacheEnabled(st *stageRecord, op patchOp) error {
	st.setCache(op.flag(), st.CacheClusterSize)
	return nil
}

func patchCacheSize(st *stageRecord, op patchOp) error {
	return assignOneOf(&st.CacheClusterSize, op, "cacheClusterSize", "0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")
}

func (p stagePatcher) patchClientCertificate(st *stageRecord, op patchOp) error {
	if op.text() != "" {
		if _, err := p.view.clientCertificate(op.text()); err != nil {
			return err
		}
	}
	st.ClientCertificateID = op.text()
	return nil
}

func (p stagePatcher) patchDocumentationVersion(st *stageRecord, op patchOp) error {
	st.DocumentationVersion = op.text()
	return p.view.checkDocumentationVersion(p.apiID, op.text())
}

func (p stagePatcher) patchDeploymentID(st *stageRecord, op patchOp) error {
	if op.op == opCopy {
		return promote(st, op)
	}
	if _, err := p.view.deployment(p.apiID, op.text()); err != nil {
		return err
	}
	st.DeploymentID = op.text()
	return nil
}

// patchVariables removes all variables, or replaces them by those of a JSON object.
func patchVariables(st *stageRecord, op patchOp) error {
	if op.op == opCopy {
		return promote(st, op)
	}
	if op.op == opRemove {
		st.Variables = nil
		return nil
	}
	var variables map[string]string
	if err := json.Unmarshal([]byte(op.text()), &variables); err != nil {
		return badRequest("Invalid value for /variables: %s", fmt.Sprint(err))
	}
	st.Variables = variables
	return nil
}

func patchVariable(st *stageRecord, op patchOp) error {
	if op.op == opRemove {
		delete(st.Variables, op.last())
		return nil
	}
	if st.Variables == nil {
		st.Variables = map[string]string{}
	}
	st.Variables[op.last()] = op.text()
	return nil
}
