package apigateway

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// A path such as /a~1b/GET/logging/loglevel patches one member of the settings of method GET of resource /a/b. Clients
// write one method in several forms:
//
//	/a/b/GET/…  //a/b/GET/…  /a~1b/GET/…  /~1a~1b/GET/…      resource /a/b
//	/~1/GET/…                                                the root
//	/*/*/…                                                   every method
//
// At AWS two forms make two entries, and a stage that has them cannot be changed any more. Here all forms are one entry,
// stored by its canonical key ("a/b/GET", "/GET" for the root), while clients see the form that was written last: they
// look their own form up.

// settingPath is a path taken apart.
type settingPath struct {
	key       string // as written, without the slash in front
	canonical string
	member    string // such as "logging/loglevel"; empty for a whole entry
}

// parseSettingPath takes apart the path of a member; ok is false for what is none.
func parseSettingPath(path string) (p settingPath, ok bool) {
	parts := strings.Split(path, "/") // the first is empty
	if len(parts) < 5 {
		return p, false
	}
	cut := len(parts) - 2
	p.member = strings.Join(parts[cut:], "/")
	p.key = strings.Join(parts[1:cut], "/")
	p.canonical = canonicalSettingKey(p.key)
	return p, isSettingKey(p.canonical)
}

// canonicalSettingKey brings a key into the form that is the same for all ways to write it.
func canonicalSettingKey(key string) string {
	slash := strings.LastIndexByte(key, '/')
	resource, method := key[:max(slash, 0)], key[slash+1:]
	return strings.Trim(unescapePointer(resource), "/") + "/" + unescapePointer(method)
}

// isSettingKey tells whether a canonical key names a method, or every method.
func isSettingKey(canonical string) bool {
	if canonical == "*/*" {
		return true
	}
	return isHTTPMethod(canonical[strings.LastIndexByte(canonical, '/')+1:])
}

func (p stagePatcher) patchMethodSetting(st *stageRecord, op patchOp) error {
	if op.op == opRemove {
		return removeMethodSetting(st, op)
	}
	path, ok := parseSettingPath(op.path)
	if !ok {
		return badRequest(unknownStagePath, op.path)
	}
	setting, exists := st.MethodSettings[path.canonical]
	if !exists {
		setting = defaultMethodSetting()
	}
	set := p.settingMember(&setting, path.member)
	if set == nil {
		return badRequest(unknownStagePath, op.path)
	}
	if op.op != opReplace {
		return errStageOp(op)
	}
	if err := set(op); err != nil {
		return err
	}
	setting.Key = path.key
	if st.MethodSettings == nil {
		st.MethodSettings = map[string]methodSettingRecord{}
	}
	st.MethodSettings[path.canonical] = setting
	return nil
}

// removeMethodSetting drops a whole entry, named in any form. AWS takes every path of two or more parts for one.
func removeMethodSetting(st *stageRecord, op patchOp) error {
	if len(op.parts) < 2 {
		return badRequest(unknownStagePath, op.path)
	}
	canonical := canonicalSettingKey(strings.TrimPrefix(op.path, "/"))
	if _, ok := st.MethodSettings[canonical]; !ok {
		return errNoMethodSetting(op)
	}
	delete(st.MethodSettings, canonical)
	return nil
}

// settingMember returns what stores an operation's value in the member; nil for an unknown member.
func (p stagePatcher) settingMember(m *methodSettingRecord, member string) func(patchOp) error {
	switch member {
	case "metrics/enabled":
		return setFlag(&m.MetricsEnabled)
	case "logging/loglevel":
		return func(op patchOp) error { return p.setLogLevel(m, op) }
	case "logging/dataTrace":
		return setFlag(&m.DataTraceEnabled)
	case "throttling/burstLimit":
		m.ThrottlingSet = true
		return setInt(&m.ThrottlingBurstLimit, "throttling burst limit", -1, 1<<31-1)
	case "throttling/rateLimit":
		m.ThrottlingSet = true
		return func(op patchOp) error { return setRate(&m.ThrottlingRateLimit, op) }
	case "caching/enabled":
		return setFlag(&m.CachingEnabled)
	case "caching/dataEncrypted":
		return setFlag(&m.CacheDataEncrypted)
	case "caching/ttlInSeconds":
		return setInt(&m.CacheTTLInSeconds, "cache ttl in seconds", 0, 3600)
	case "caching/requireAuthorizationForCacheControl":
		return setFlag(&m.RequireAuthorizationForCacheControl)
	case "caching/unauthorizedCacheControlHeaderStrategy":
		return func(op patchOp) error { return setStrategy(m, op) }
	}
	return nil
}

func setFlag(field *bool) func(patchOp) error {
	return func(op patchOp) error {
		*field = op.flag()
		return nil
	}
}

func setInt(field *int32, name string, least, most int64) func(patchOp) error {
	return func(op patchOp) error {
		n, err := strconv.ParseInt(op.text(), 10, 32)
		if err != nil || n < least || n > most {
			return badRequest("Invalid value for %s: %s", name, op.text())
		}
		*field = int32(n)
		return nil
	}
}

// setRate takes a rate per second; -1 means none.
func setRate(field *float64, op patchOp) error {
	rate, err := strconv.ParseFloat(op.text(), 64)
	if err != nil || !(rate >= -1 && rate <= 1e12) { // which NaN is not either
		return badRequest("Invalid value for throttling rate limit: %s", op.text())
	}
	*field = rate
	return nil
}

func (p stagePatcher) setLogLevel(m *methodSettingRecord, op patchOp) error {
	level := op.text()
	if !slices.Contains([]string{"OFF", "ERROR", "INFO"}, level) {
		return badRequest("Invalid logging level specified. Valid options are OFF,ERROR,INFO")
	}
	if level != "OFF" {
		if err := p.requireLogRole(); err != nil {
			return err
		}
	}
	m.LoggingLevel = level
	return nil
}

func setStrategy(m *methodSettingRecord, op patchOp) error {
	return assignOneOf(&m.UnauthorizedCacheControlHeaderStrategy, op, "unauthorizedCacheControlHeaderStrategy",
		"FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER")
}

// throttle is what holds for the method. An entry shows AWS' limits of an account from its first member on, whichever that
// is. Here they limit nothing until a client sets one of them, or turning metrics on would throttle the stage.
func (m methodSettingRecord) throttle() *gateway.Throttle {
	if !m.ThrottlingSet && m.ThrottlingRateLimit == accountRateLimit && m.ThrottlingBurstLimit == accountBurstLimit {
		return nil
	}
	return &gateway.Throttle{Rate: m.ThrottlingRateLimit, Burst: int(m.ThrottlingBurstLimit)}
}

// defaultMethodSetting is an entry as AWS makes it when its first member is set.
func defaultMethodSetting() methodSettingRecord {
	return methodSettingRecord{
		ThrottlingBurstLimit:                   accountBurstLimit,
		ThrottlingRateLimit:                    accountRateLimit,
		CacheTTLInSeconds:                      300,
		RequireAuthorizationForCacheControl:    true,
		UnauthorizedCacheControlHeaderStrategy: "SUCCEED_WITH_RESPONSE_HEADER",
	}
}

func (m methodSettingRecord) toWire() awsapigateway.MethodSetting {
	return awsapigateway.MethodSetting{
		MetricsEnabled:                         &m.MetricsEnabled,
		LoggingLevel:                           optional(m.LoggingLevel),
		DataTraceEnabled:                       &m.DataTraceEnabled,
		ThrottlingBurstLimit:                   &m.ThrottlingBurstLimit,
		ThrottlingRateLimit:                    &m.ThrottlingRateLimit,
		CachingEnabled:                         &m.CachingEnabled,
		CacheTtlInSeconds:                      &m.CacheTTLInSeconds,
		CacheDataEncrypted:                     &m.CacheDataEncrypted,
		RequireAuthorizationForCacheControl:    &m.RequireAuthorizationForCacheControl,
		UnauthorizedCacheControlHeaderStrategy: &m.UnauthorizedCacheControlHeaderStrategy,
	}
}
