package cli

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/tollbook/tollbook/gateway"
)

// countedIn is where a request counts: one data point of each metric in each set of dimensions.
type countedIn struct {
	Namespace  string              `json:"namespace"`
	Minute     time.Time           `json:"minute"`
	Dimensions []map[string]string `json:"dimensions"`
	Values     map[string]int64    `json:"values"` // by the metrics' names
}

// addMetrics says where the request counted; nowhere if it reached no stage.
func (s *storySearch) addMetrics(ctx context.Context, st *story) error {
	status, ok := st.status()
	if !ok || st.stage == nil {
		return nil
	}
	arrival, _ := st.arrival()
	name := gateway.MetricName(st.APIName, st.APIID)
	m := &countedIn{
		Namespace:  "AWS/ApiGateway",
		Minute:     time.UnixMilli(arrival).UTC().Truncate(time.Minute),
		Dimensions: []map[string]string{{"ApiName": name}, {"ApiName": name, "Stage": st.Stage}},
		Values:     map[string]int64{"Count": 1, "4XXError": 0, "5XXError": 0},
	}
	switch {
	case status >= 500:
		m.Values["5XXError"] = 1
	case status >= 400:
		m.Values["4XXError"] = 1
	}
	if took, ok := st.number("responseLatency"); ok {
		m.Values["Latency"] = took
	}
	if took, ok := st.integrationLatency(); ok {
		m.Values["IntegrationLatency"] = took
	}
	st.Metrics = m
	return s.addMethodMetrics(ctx, st, name)
}

// addMethodMetrics adds the dimensions of the method, if the stage has detailed metrics for it.
func (s *storySearch) addMethodMetrics(ctx context.Context, st *story, name string) error {
	path, method := st.value("resourcePath"), st.value("httpMethod")
	if path == "" || method == "" || !st.stage.anyMetrics() {
		return nil
	}
	declared, err := s.declaredMethod(ctx, st.APIID, path, method)
	if err != nil || !st.stage.metrics(path, declared) {
		return err
	}
	st.Metrics.Dimensions = append(st.Metrics.Dimensions, map[string]string{
		"ApiName": name, "Method": declared, "Resource": path, "Stage": st.Stage,
	})
	return nil
}

func (s *stageOfAPI) anyMetrics() bool {
	for _, setting := range s.MethodSettings {
		if setting.MetricsEnabled {
			return true
		}
	}
	return false
}

// metrics reports whether a method has detailed metrics: by its own settings, else by those of all methods.
func (s *stageOfAPI) metrics(path, method string) bool {
	own := strings.Trim(path, "/") + "/" + method
	for key, setting := range s.MethodSettings {
		slash := strings.LastIndexByte(key, '/')
		resource := strings.ReplaceAll(key[:max(slash, 0)], "~1", "/")
		if strings.Trim(resource, "/")+"/"+key[slash+1:] == own {
			return setting.MetricsEnabled
		}
	}
	return s.MethodSettings["*/*"].MetricsEnabled
}

// declaredMethod is the method of the resource that takes a request: its own or ANY.
func (s *storySearch) declaredMethod(ctx context.Context, api, path, method string) (string, error) {
	pages := apigateway.NewGetResourcesPaginator(s.apigateway, &apigateway.GetResourcesInput{RestApiId: &api, Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("list resources of API %s: %w", api, err)
		}
		for _, res := range page.Items {
			if aws.ToString(res.Path) == path && !hasMethod(res, method) {
				return "ANY", nil
			}
		}
	}
	return method, nil
}

func hasMethod(res types.Resource, method string) bool {
	_, ok := res.ResourceMethods[method]
	return ok
}

// number is the first of the variables that the entry tells as a number.
func (s *story) number(names ...string) (n int64, ok bool) {
	n, err := strconv.ParseInt(s.value(names...), 10, 64)
	return n, err == nil
}

// fromExecution finds a number in the execution log.
func (s *story) fromExecution(form *regexp.Regexp) (n int64, ok bool) {
	for _, line := range s.Execution {
		if m := form.FindStringSubmatch(line.Message); m != nil {
			n, err := strconv.ParseInt(m[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
