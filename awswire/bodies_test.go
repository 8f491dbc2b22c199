package awswire_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/awswire"
)

// TestMaxBodiesBytes: a body that has no room beside those under way is answered 503; when they are gone it is served.
func TestMaxBodiesBytes(t *testing.T) {
	t.Parallel()
	h := awswire.New(awswire.Options{Auth: awswire.AnyKey{}, MaxBodiesBytes: 100}, fakes(new(script))...)
	ask := func(body io.Reader) *httptest.ResponseRecorder {
		r := parseRequest(t, "POST / HTTP/1.1\nX-Amz-Target: Logs_20140328.CreateLogGroup\nAuthorization: <sign logs>\n\n")
		r.Body, r.ContentLength = io.NopCloser(body), -1
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	small := `{"logGroupName":"` + strings.Repeat("x", 40) + `"}`
	slow, send := io.Pipe()
	answered := make(chan int)
	go func() { answered <- ask(slow).Code }()
	for _, part := range []string{small[:len(small)-1], small[len(small)-1:]} { // the second is taken when the first is counted
		if _, err := io.WriteString(send, part); err != nil {
			t.Fatal(err)
		}
	}
	if w := ask(strings.NewReader(small)); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"__type":"ServiceUnavailableException"`) {
		t.Errorf("without room: %d %s", w.Code, w.Body)
	}
	send.Close()
	if code := <-answered; code != http.StatusOK {
		t.Errorf("the one that had room: %d", code)
	}
	for range 3 {
		if w := ask(strings.NewReader(small)); w.Code != http.StatusOK {
			t.Errorf("afterwards: %d %s", w.Code, w.Body)
		}
	}
}
