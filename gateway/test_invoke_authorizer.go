package gateway

import (
	"fmt"
	"strings"
	"time"
)

// testAuthorizerStage is the stage in the ARN of the method that authorizers are tested with.
const testAuthorizerStage = "ESTestInvoke-stage"

// TestAuthorization is what an authorizer said, and how it came to that.
type TestAuthorization struct {
	Status    int // 200 if it said something: what that means for a method is not decided
	Log       string
	Latency   time.Duration
	Principal string
	Policy    string            // JSON, of a function
	Claims    map[string]string // of a token
}

// TestAuthorizer has an authorizer of a stage, which is not served, look at a request. Nothing is left in access logs,
// metrics or caches.
func (g *Gateway) TestAuthorizer(s Stage, id string, r TestRequest) (TestAuthorization, error) {
	s.Routes = nil
	t, release, err := g.bindTest(s)
	if err != nil {
		return TestAuthorization{}, err
	}
	defer release()
	z := t.authorizers[id]
	if z == nil {
		return TestAuthorization{}, fmt.Errorf("test authorizer %s of API %s: there is none", id, s.APIID)
	}
	t.arnPrefix = strings.TrimSuffix(t.arnPrefix, TestStage+"/") + testAuthorizerStage + "/"
	x := g.beginTest(t)
	x.readTest(r)
	path, query, _ := strings.Cut(r.PathWithQuery, "?")
	x.path, x.query = "/"+strings.TrimPrefix(path, "/"), []byte(query)
	x.entry.Path, x.entry.ResourcePath = x.path, x.path
	x.route = &route{resourcePath: x.path, access: &access{event: compileEvent(s, Route{ResourcePath: x.path})}}
	return x.testAuthorization(z), nil
}

func (x *exchange) testAuthorization(z *authorizer) TestAuthorization {
	out := TestAuthorization{Status: 200}
	failure := x.attempt(func(x *exchange) *Error {
		if z.kind == tokenPools {
			return x.checkToken(z, nil)
		}
		g, err := x.askFunction(z)
		if err == nil {
			out.Principal, out.Policy = g.principal, g.document
			x.exec.Info("Successfully completed authorizer execution")
		}
		return err
	})
	out.Claims = x.entry.Authorizer.Claims
	if failure != nil {
		out.Status = failure.Status
		if failure.Message != "" {
			x.exec.Error("%s", failure.Message)
		}
	}
	out.Log, out.Latency = x.exec.testLog(x.entry.RequestID), time.Since(x.start)
	x.exec.release()
	return out
}
