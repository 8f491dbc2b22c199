package apigateway

import (
	"context"
	"strconv"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// setCache stores the cache settings. The cache is the data plane's own, so it is there at once.
func (st *stageRecord) setCache(enabled bool, size string) {
	st.CacheClusterEnabled, st.CacheClusterSize = enabled, size
	if enabled && size == "" {
		st.CacheClusterSize = "0.5"
	}
}

// cacheStatus is AWS' word for the state of the stage's cache.
func (st *stageRecord) cacheStatus() string {
	if st.CacheClusterEnabled {
		return "AVAILABLE"
	}
	return "NOT_AVAILABLE"
}

// cacheBytes is the size of the stage's cache, which AWS gives in GB; 0: off. The data plane has a bound of its own.
func (st *stageRecord) cacheBytes() int64 {
	if !st.CacheClusterEnabled {
		return 0
	}
	size, err := strconv.ParseFloat(st.CacheClusterSize, 64)
	if err != nil {
		size = 0.5
	}
	return int64(size * (1 << 30))
}

// cachesRoute reports whether settings have a route's responses cached: of settings for all methods, only GET is.
func cachesRoute(r gateway.Route, s methodSettingRecord, own bool) bool {
	return s.CachingEnabled && (own || r.Method == "GET")
}

// FlushStageCache empties the response cache of a stage.
func (s *Service) FlushStageCache(ctx context.Context, in *awsapigateway.FlushStageCacheRequest) error {
	err := s.read(ctx, func(v view) error {
		_, err := v.stage(in.RestApiId, in.StageName)
		return err
	})
	if err == nil {
		s.sink.FlushCache(in.RestApiId, in.StageName)
	}
	return err
}
