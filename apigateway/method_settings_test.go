package apigateway_test

import (
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// defaultSetting is an entry whose first member was set to what it was.
func defaultSetting() ag.MethodSetting {
	return ag.MethodSetting{
		CacheDataEncrypted: new(false), CacheTtlInSeconds: new(int32(300)), CachingEnabled: new(false), DataTraceEnabled: new(false),
		MetricsEnabled: new(false), RequireAuthorizationForCacheControl: new(true), ThrottlingBurstLimit: new(int32(5000)),
		ThrottlingRateLimit: new(10000.0), UnauthorizedCacheControlHeaderStrategy: new("SUCCEED_WITH_RESPONSE_HEADER"),
	}
}

func TestMethodSettings(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	f.setLogRole(t)
	got := f.updateStageOK(t, api, patch("replace", "/*/*/metrics/enabled", "true"))
	want := defaultSetting()
	want.MetricsEnabled = new(true)
	same(t, got.MethodSettings, map[string]ag.MethodSetting{"*/*": want})

	got = f.updateStageOK(t, api,
		patch("replace", "/*/*/logging/loglevel", "INFO"),
		patch("replace", "/*/*/logging/dataTrace", "true"),
		patch("replace", "/*/*/throttling/burstLimit", "7"),
		patch("replace", "/*/*/throttling/rateLimit", "100.500000"),
		patch("replace", "/*/*/caching/enabled", "true"),
		patch("replace", "/*/*/caching/dataEncrypted", "true"),
		patch("replace", "/*/*/caching/ttlInSeconds", "3600"),
		patch("replace", "/*/*/caching/requireAuthorizationForCacheControl", "false"),
		patch("replace", "/*/*/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403"))
	same(t, got.MethodSettings, map[string]ag.MethodSetting{"*/*": {
		MetricsEnabled: new(true), LoggingLevel: new("INFO"), DataTraceEnabled: new(true), ThrottlingBurstLimit: new(int32(7)),
		ThrottlingRateLimit: new(100.5), CachingEnabled: new(true), CacheDataEncrypted: new(true), CacheTtlInSeconds: new(int32(3600)),
		RequireAuthorizationForCacheControl: new(false), UnauthorizedCacheControlHeaderStrategy: new("FAIL_WITH_403"),
	}})
	same(t, f.stage(t, api), got)

	got = f.updateStageOK(t, api, patch("remove", "/*/*"))
	same(t, got.MethodSettings, map[string]ag.MethodSetting{})
}

// Every way to write a method is one entry, shown under the form written last.
func TestMethodSettingForms(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	for name, forms := range map[string][]string{
		"a/b":  {"a/b/GET", "/a/b/GET", "a~1b/GET", "~1a~1b/GET"},
		"root": {"~1/GET", "/GET"},
		"test": {"test/GET", "~1test/GET"},
		"tail": {"{proxy+}/ANY", "~1{proxy+}/ANY"},
	} {
		for _, form := range forms {
			got := f.updateStageOK(t, api, patch("replace", "/"+form+"/metrics/enabled", "false"))
			same(t, got.MethodSettings, map[string]ag.MethodSetting{form: defaultSetting()})
		}
		for _, form := range forms { // and any form removes it
			f.updateStageOK(t, api, patch("replace", "/"+forms[0]+"/metrics/enabled", "false"))
			if got := f.updateStageOK(t, api, patch("remove", "/"+form)); len(got.MethodSettings) > 0 {
				t.Errorf("%s: %s does not remove it", name, form)
			}
		}
	}
}

func TestMethodSettingErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	f.setLogRole(t)
	unknown := func(path string) string {
		return "Invalid method setting path: " + path + ". Must be one of: [/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]"
	}
	for name, c := range map[string]struct {
		op      ag.PatchOperation
		message string
	}{
		"unknown path":     {patch("replace", "/X", "1"), unknown("/X")},
		"tags":             {patch("replace", "/tags/a", "1"), unknown("/tags/a")},
		"no path":          {ag.PatchOperation{Op: new("replace")}, unknown("null")},
		"no slash":         {patch("replace", "description", "1"), unknown("description")},
		"unknown member":   {patch("replace", "/*/*/metrics/level", "1"), unknown("/*/*/metrics/level")},
		"no method":        {patch("replace", "/a/b/metrics/enabled", "true"), unknown("/a/b/metrics/enabled")},
		"star method":      {patch("replace", "/a/*/metrics/enabled", "true"), unknown("/a/*/metrics/enabled")},
		"add":              {patch("add", "/*/*/metrics/enabled", "true"), "Invalid add operation with path: /*/*/metrics/enabled"},
		"level":            {patch("replace", "/*/*/logging/loglevel", "DEBUG"), "Invalid logging level specified. Valid options are OFF,ERROR,INFO"},
		"burst":            {patch("replace", "/*/*/throttling/burstLimit", "many"), "Invalid value for throttling burst limit: many"},
		"rate":             {patch("replace", "/*/*/throttling/rateLimit", "NaN"), "Invalid value for throttling rate limit: NaN"},
		"ttl":              {patch("replace", "/*/*/caching/ttlInSeconds", "3601"), "Invalid value for cache ttl in seconds: 3601"},
		"strategy":         {patch("replace", "/*/*/caching/unauthorizedCacheControlHeaderStrategy", "x"), "Invalid unauthorizedCacheControlHeaderStrategy specified. Valid options are FAIL_WITH_403,SUCCEED_WITH_RESPONSE_HEADER,SUCCEED_WITHOUT_RESPONSE_HEADER"},
		"remove all":       {patch("remove", "/*/*"), "Cannot remove method setting */* because there is no method setting for this method "},
		"remove method":    {patch("remove", "/a~1b/GET"), "Cannot remove method setting a~1b/GET because there is no method setting for this method "},
		"remove one part":  {patch("remove", "/nope"), unknown("/nope")},
		"remove known":     {patch("remove", "/description"), "Invalid remove operation with path: /description"},
		"canary add":       {patch("add", "/canarySettings/deploymentId", "x"), "Invalid add operation with path: /canarySettings/deploymentId"},
		"promote":          {ag.PatchOperation{Op: new("copy"), Path: new("/deploymentId"), From: new("/canarySettings/deploymentId")}, "Promotion not available. Canary does not exist."},
		"copy the other":   {ag.PatchOperation{Op: new("copy"), Path: new("/canarySettings/stageVariableOverrides"), From: new("/variables")}, "Invalid copy operation with path: /canarySettings/stageVariableOverrides and from /variables. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]"},
		"variable value":   {patch("replace", "/variables/a", "<x>"), "Invalid stage variable value: <x>. Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."},
		"variables":        {patch("replace", "/variables", "[1]"), "Invalid value for /variables: json: cannot unmarshal array into Go value of type map[string]string"},
		"cache size":       {patch("replace", "/cacheClusterSize", "3"), "Invalid cacheClusterSize specified. Valid options are 0.5,1.6,6.1,13.5,28.4,58.2,118,237"},
		"move description": {patch("move", "/description", "x"), "Invalid move operation with path: /description"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.updateStage(api, c.op)
			wantError(t, err, badRequest, c.message)
		})
	}
	_, err := f.updateStage(api, patch("replace", "/clientCertificateId", "abc123"))
	wantError(t, err, notFound, "Invalid Client Certificate identifier specified")
}
