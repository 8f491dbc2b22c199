package smuggling

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// patience is how long an exchange may take.
const patience = 5 * time.Second

// Exchange sends the case's bytes to a listener and reads answers until the connection is closed, which interim ones
// (1xx) are not counted among. That the listener keeps it open is an error.
func (c Case) Exchange(network, addr string, send []byte) ([]*http.Response, error) {
	conn, err := net.DialTimeout(network, addr, patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	sent := make(chan error, 1)
	go func() { sent <- c.write(conn, send) }()
	answers, err := readAnswers(bufio.NewReader(conn), c.Method())
	conn.Close()
	if sendErr := <-sent; sendErr != nil && len(answers) == 0 { // else it has answered before it had read all
		return nil, sendErr
	}
	return answers, err
}

// halfCloser is a connection of which one side can be ended.
type halfCloser interface{ CloseWrite() error }

func (c Case) write(conn net.Conn, send []byte) error {
	if _, err := conn.Write(send); err != nil || !c.Half {
		return err
	}
	return conn.(halfCloser).CloseWrite()
}

func readAnswers(r *bufio.Reader, method string) (answers []*http.Response, _ error) {
	request := &http.Request{Method: method}
	for {
		resp, err := http.ReadResponse(r, request)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
		}
		switch {
		case isEnd(err):
			return answers, nil
		case err != nil:
			return answers, err
		case resp.StatusCode < 200:
			continue
		}
		answers = append(answers, resp)
		request = nil
	}
}

// isEnd reports whether a connection was closed. It is reset if some of our bytes were left unread.
func isEnd(err error) bool {
	var reset *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &reset) && !reset.Timeout()
}
