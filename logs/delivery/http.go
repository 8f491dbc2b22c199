package delivery

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/logs"
)

const (
	httpRequests   = 8                // at the same time, of different log streams
	httpTimeout    = 20 * time.Second // of one request
	maxAnswerBytes = 64 << 10         // that are read, so that the connection can be used again
)

// httpReceiver posts payloads to a URL.
type httpReceiver struct {
	url    string
	client *http.Client
}

func newHTTP(u *url.URL) *httpReceiver { return &httpReceiver{u.String(), newHTTPClient()} }

// newHTTPClient makes a client that follows no redirects: a POST would become a GET, and its answer would mean nothing.
func newHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: httpRequests, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
		Timeout:       httpTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Kind implements logs.Receiver.
func (h *httpReceiver) Kind() string { return "HTTP" }

// Close implements logs.Receiver.
func (h *httpReceiver) Close() { h.client.CloseIdleConnections() }

// Send implements logs.Receiver. Any status from 200 to 299 acknowledges a payload.
func (h *httpReceiver) Send(ctx context.Context, payloads []*logs.Delivery) {
	parallel(len(payloads), httpRequests, func(i int) {
		d := payloads[i]
		body, err := d.Gzip()
		if err == nil {
			_, err = post(ctx, h.client, h.url, "application/json", body, headers(d))
		}
		d.Sent, d.Err = len(body), err
	})
}

// post sends a compressed body and returns the answer's.
func post(ctx context.Context, client *http.Client, to, contentType string, body []byte, headers []header) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for _, h := range headers {
		r.Header.Set(h.name, h.value)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("User-Agent", "Tollbook")
	answer, err := client.Do(r)
	if err != nil {
		return nil, err // names the URL, without a password
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes))
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return text, err
	}
	return nil, statusError(answer.StatusCode, text)
}

// statusError says what an answer means. Those about the payload itself would come again; all others are tried again, those
// of missing rights too: someone may put them right.
func statusError(status int, text []byte) error {
	err := fmt.Errorf("the destination answered %d %s: %s", status, http.StatusText(status), excerpt(text))
	about := []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}
	if slices.Contains(about, status) {
		return fmt.Errorf("%w: %w", logs.ErrRefused, err)
	}
	return err
}

func excerpt(text []byte) string {
	const most = 200
	return strings.ToValidUTF8(string(text[:min(len(text), most)]), "")
}
