package apigateway_test

import (
	"slices"
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func TestStageCache(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, root, _ := f.deployed(t)
	f.mock(t, api, root, "POST")
	f.deploy(t, api, "prod")
	same(t, *f.stage(t, api).CacheClusterStatus, "NOT_AVAILABLE")
	f.updateStageOK(t, api, patch("replace", "/cacheClusterEnabled", "true"), patch("replace", "/cacheClusterSize", "1.6"),
		patch("replace", "/*/*/caching/enabled", "true"))
	same(t, *f.stage(t, api).CacheClusterStatus, "AVAILABLE")
	cached := func() (methods []string) {
		for _, r := range f.served(t, api).Routes {
			if r.Settings.CachingEnabled {
				methods = append(methods, r.Method)
			}
		}
		return slices.Compact(slices.Sorted(slices.Values(methods)))
	}
	same(t, f.served(t, api).CacheBytes, int64(1717986918))
	same(t, cached(), []string{"GET"})
	f.updateStageOK(t, api, patch("replace", "//POST/caching/enabled", "true"))
	same(t, cached(), []string{"GET", "POST"})

	if err := f.FlushStageCache(f.ctx, &ag.FlushStageCacheRequest{RestApiId: api, StageName: "prod"}); err != nil {
		t.Fatal(err)
	}
	same(t, slices.Contains(f.sink.calls, "flush prod"), true)
	wantError(t, f.FlushStageCache(f.ctx, &ag.FlushStageCacheRequest{RestApiId: api, StageName: "nope"}), notFound, "Invalid stage identifier specified")
}
