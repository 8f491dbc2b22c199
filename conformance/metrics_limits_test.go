package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// TestLargeMetricData sends more than 1 MB at once, which is refused as AWS does it unless it is compressed to less.
func TestLargeMetricData(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	var dimensions []types.Dimension
	for i := range 6 {
		dimensions = append(dimensions, types.Dimension{Name: aws.String(fmt.Sprint("name", i)), Value: aws.String(strings.Repeat("v", 250))})
	}
	data := make([]types.MetricDatum, 1000)
	for i := range data {
		data[i] = types.MetricDatum{MetricName: aws.String(fmt.Sprint("m", i)), Value: aws.Float64(1), Dimensions: dimensions}
	}
	put := func(data []types.MetricDatum, plain bool) error {
		_, err := p.cloudwatch().PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("N"), MetricData: data},
			func(o *cloudwatch.Options) { o.DisableRequestCompression, o.RetryMaxAttempts = plain, 1 })
		return err
	}
	refused(t, put(data, true), "RequestEntityTooLarge", "exceeded 1048576 bytes")
	if err := put(data[:500], true); err != nil {
		t.Errorf("half of it: %v", err)
	}
	if err := put(data, false); err != nil {
		t.Errorf("compressed: %v", err)
	}
	refused(t, put(append(data, data[0]), false), "InvalidParameterValue", "The collection MetricData must not have a size greater than 1000.")
}
