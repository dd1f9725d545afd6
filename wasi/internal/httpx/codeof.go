package httpx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"reflect"
	"slices"
	"strings"
	"syscall"
)

// CodeOf is what a guest is told about an error of the network, of TLS or of Go's
// HTTP: the [ErrorCode] in err if there is one, else the one that fits best. It
// says nothing of the host's addresses and files. CodeOf(nil) is nil.
func CodeOf(err error) ErrorCode {
	if err == nil {
		return nil
	}
	var code ErrorCode
	if errors.As(err, &code) {
		return code
	}
	for _, of := range []func(error) ErrorCode{dnsCode, tlsCode, timeoutCode, errnoCode, connCode, httpCode} {
		if code := of(err); code != nil {
			return code
		}
	}
	text := innermost(err).Error()
	return InternalError{Text: &text}
}

func dnsCode(err error) ErrorCode {
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		return nil
	}
	switch {
	case dns.IsTimeout:
		return DNSTimeout{}
	case dns.IsNotFound:
		return DNSError{Payload: DNSErrorPayload{Rcode: new("NXDOMAIN"), InfoCode: new(uint16(0))}}
	case dns.IsTemporary:
		return DNSError{Payload: DNSErrorPayload{Rcode: new("SERVFAIL")}}
	}
	return DNSError{}
}

func tlsCode(err error) ErrorCode {
	switch {
	case is[*tls.CertificateVerificationError](err), is[x509.UnknownAuthorityError](err),
		is[x509.HostnameError](err), is[x509.CertificateInvalidError](err):
		return TLSCertificateError{}
	case is[tls.RecordHeaderError](err), is[*tls.ECHRejectionError](err):
		return TLSProtocolError{}
	}
	// An alert is a number of a type that crypto/tls keeps to itself, as the error of an
	// operation that says whose alert it is.
	var op *net.OpError
	if errors.As(err, &op) {
		switch alert := reflect.ValueOf(op.Err); {
		case op.Op == "local error":
			return TLSProtocolError{}
		case op.Op == "remote error" && alert.Kind() == reflect.Uint8:
			text := strings.TrimPrefix(op.Err.Error(), "tls: ")
			return TLSAlertReceived{Payload: TLSAlertReceivedPayload{AlertID: new(uint8(alert.Uint())), AlertMessage: &text}}
		}
	}
	if strings.HasPrefix(innermost(err).Error(), "tls: ") {
		return TLSProtocolError{}
	}
	return nil
}

// timeoutCode says what took too long, as far as the error knows.
func timeoutCode(err error) ErrorCode {
	if timeout := net.Error(nil); !errors.As(err, &timeout) || !timeout.Timeout() {
		return nil
	}
	var op *net.OpError
	switch text := err.Error(); {
	case errors.As(err, &op) && op.Op == "dial":
		return ConnectionTimeout{}
	case errors.As(err, &op) && op.Op == "write":
		return ConnectionWriteTimeout{}
	case strings.Contains(text, "TLS handshake"):
		return ConnectionTimeout{}
	case strings.Contains(text, "awaiting response headers"):
		return HTTPResponseTimeout{}
	}
	return ConnectionReadTimeout{}
}

func errnoCode(err error) ErrorCode {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return nil
	}
	return errnos[errno]
}

func connCode(err error) ErrorCode {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return HTTPResponseIncomplete{}
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe),
		errors.Is(err, os.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, http.ErrAbortHandler):
		return ConnectionTerminated{}
	case is[*net.AddrError](err), is[net.InvalidAddrError](err):
		return DestinationNotFound{}
	}
	return nil
}

// httpCode is about errors of net/http, most of which have no type of their own.
func httpCode(err error) ErrorCode {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return HTTPRequestBodySize{Size: new(uint64(large.Limit))}
	}
	text := innermost(err).Error()
	contains := func(mark string) bool { return strings.Contains(text, mark) }
	switch {
	case contains("server response headers exceeded"), contains("response header list larger"):
		return HTTPResponseHeaderSectionSize{}
	case contains("server closed"), contains("connection lost"), contains("force closed"), contains("GOAWAY"):
		return ConnectionTerminated{}
	case contains("unsupported transfer encoding"):
		return HTTPResponseTransferCoding{}
	case is[*http.ProtocolError](err), is[textproto.ProtocolError](err), slices.ContainsFunc(httpMarks, contains):
		return HTTPProtocolError{}
	}
	return nil
}

// httpMarks are in the texts of what net/http finds wrong with a message.
var httpMarks = []string{"http: ", "http2: ", "stream error: ", "connection error: ",
	"malformed ", "bad ", "invalid byte in chunk", "http chunk "}

// is reports whether err is or wraps an error of a type.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// innermost is the error that err wraps in the end, which has no addresses in its
// text as those around it have.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
