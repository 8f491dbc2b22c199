package mapping_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/gateway/mapping"
)

// orderTemplate has 40 lines, of what templates usually are made of.
const orderTemplate = `#set($root = $input.path('$'))
#set($total = 0)
#set($name = "$root.customer.first $root.customer.last")
{
  "requestId": "$context.requestId",
  "source": "$context.identity.sourceIp",
  "table": "$stageVariables.table",
  "id": "$input.params('id')",
  "customer": {
    "name": "$util.escapeJavaScript($name)",
    "mail": "$!root.customer.mail",
#if($root.customer.level == 'gold')
    "discount": 10,
#elseif($root.customer.level == 'silver')
    "discount": 5,
#else
    "discount": 0,
#end
    "address": $input.json('$.customer.address')
  },
  "items": [
#foreach($item in $root.items)
    {
      ## position, product and price
      "position": $foreach.count,
      "product": "$item.name",
      "price": $item.price,
      "quantity": $item.quantity
    }#if($foreach.hasNext),#end
#set($total = $total + $item.quantity)
#end

  ],
  "quantity": $total,
#if($root.tags && $root.tags.size() > 0)
  "tags": "#foreach($tag in $root.tags)$tag#if($foreach.hasNext) #end#end",
#end
  "agent": "$!{context.identity.userAgent}",
  "source_length": $input.body.length()
}`

func orderBody() string {
	var items []string
	for i := range 14 {
		items = append(items, fmt.Sprintf(`{"name": "Product number %d of the catalogue", "sku": "A-%06d", "price": %d.95, "quantity": %d}`, i, i*37, i*3, i%4+1))
	}
	body := `{"customer": {"first": "Grace", "last": "Hopper", "mail": "grace@example.com", "level": "silver",
 "address": {"street": "1 Navy Yard", "city": "Arlington", "zip": "22202", "lines": ["a", "b"]}},
 "tags": ["urgent", "gift", "export"], "note": "` + strings.Repeat("leave it at the door; ", 24) + `",
 "items": [` + strings.Join(items, ",\n  ") + `]}`
	return body
}

func TestOrder(t *testing.T) {
	t.Parallel()
	if lines := strings.Count(orderTemplate, "\n") + 1; lines != 40 {
		t.Errorf("the template has %d lines", lines)
	}
	body := orderBody()
	if len(body) < 2000 {
		t.Errorf("the body has %d bytes", len(body))
	}
	got := render(orderTemplate, body)
	var out struct {
		Items    []struct{ Product string }
		Quantity int
		Tags     string
	}
	if err := json.Unmarshal([]byte(got), &out); err != nil || len(out.Items) != 14 || out.Quantity != 33 || out.Tags != "urgent gift export" {
		t.Errorf("%v\n%s", err, got)
	}
}

// The number asked for is under 30 µs.
func BenchmarkRender(b *testing.B) {
	parsed, err := mapping.Parse(orderTemplate)
	if err != nil {
		b.Fatal(err)
	}
	in := inputOf(orderBody())
	var out []byte
	b.ReportAllocs()
	b.SetBytes(int64(len(in.Body)))
	for b.Loop() {
		if out, err = parsed.Render(out[:0], in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mapping.Parse(orderTemplate); err != nil {
			b.Fatal(err)
		}
	}
}
