package httpx

import "fmt"

func (DNSTimeout) Error() string              { return "the name server did not answer in time" }
func (e DNSError) Error() string              { return "the name could not be resolved" + about(e.Payload.Rcode) }
func (DestinationNotFound) Error() string     { return "the destination is not known" }
func (DestinationUnavailable) Error() string  { return "the destination is not available" }
func (DestinationIPProhibited) Error() string { return "the destination's address is not allowed" }
func (DestinationIPUnroutable) Error() string {
	return "there is no route to the destination's address"
}
func (ConnectionRefused) Error() string      { return "the connection was refused" }
func (ConnectionTerminated) Error() string   { return "the connection ended early" }
func (ConnectionTimeout) Error() string      { return "connecting took too long" }
func (ConnectionReadTimeout) Error() string  { return "reading from the connection took too long" }
func (ConnectionWriteTimeout) Error() string { return "writing to the connection took too long" }
func (ConnectionLimitReached) Error() string { return "there are too many connections" }
func (TLSProtocolError) Error() string       { return "TLS failed" }
func (TLSCertificateError) Error() string    { return "the destination's certificate is not valid" }
func (e TLSAlertReceived) Error() string {
	return "the destination sent an alert of TLS" + about(e.Payload.AlertMessage)
}
func (HTTPRequestDenied) Error() string         { return "the request is not allowed" }
func (HTTPRequestLengthRequired) Error() string { return "the request needs a Content-Length" }
func (e HTTPRequestBodySize) Error() string {
	return "the request's body has the wrong size" + bytes(e.Size)
}
func (HTTPRequestMethodInvalid) Error() string { return "the request's method is not valid" }
func (HTTPRequestURIInvalid) Error() string    { return "the request's URI is not valid" }
func (HTTPRequestURITooLong) Error() string    { return "the request's URI is too long" }
func (e HTTPRequestHeaderSectionSize) Error() string {
	return "the request's header is too large" + bytes(e.Size)
}
func (e HTTPRequestHeaderSize) Error() string {
	if e.Field == nil {
		return "a field of the request's header is too large"
	}
	return "a field of the request's header is too large" + about(e.Field.FieldName)
}
func (e HTTPRequestTrailerSectionSize) Error() string {
	return "the request's trailers are too large" + bytes(e.Size)
}
func (e HTTPRequestTrailerSize) Error() string {
	return "a field of the request's trailers is too large" + about(e.Field.FieldName)
}
func (HTTPResponseIncomplete) Error() string { return "the response broke off" }
func (e HTTPResponseHeaderSectionSize) Error() string {
	return "the response's header is too large" + bytes(e.Size)
}
func (e HTTPResponseHeaderSize) Error() string {
	return "a field of the response's header is too large" + about(e.Field.FieldName)
}
func (e HTTPResponseBodySize) Error() string {
	return "the response's body has the wrong size" + bytes(e.Size)
}
func (e HTTPResponseTrailerSectionSize) Error() string {
	return "the response's trailers are too large" + bytes(e.Size)
}
func (e HTTPResponseTrailerSize) Error() string {
	return "a field of the response's trailers is too large" + about(e.Field.FieldName)
}
func (e HTTPResponseTransferCoding) Error() string {
	return "the response's transfer coding is not known" + about(e.Coding)
}
func (e HTTPResponseContentCoding) Error() string {
	return "the response's content coding is not known" + about(e.Coding)
}
func (HTTPResponseTimeout) Error() string { return "the response did not come in time" }
func (HTTPUpgradeFailed) Error() string   { return "the change of protocols failed" }
func (HTTPProtocolError) Error() string   { return "a message is not HTTP as it should be" }
func (LoopDetected) Error() string        { return "the request came round in a loop" }
func (ConfigurationError) Error() string  { return "the host is not set up for this request" }
func (e InternalError) Error() string     { return "internal error" + about(e.Text) }

// about is what an error says of its payload. It may come from a guest.
func about(s *string) string {
	if s == nil {
		return ""
	}
	const most = 200
	if len(*s) > most {
		return fmt.Sprintf(": %q…", (*s)[:most])
	}
	return fmt.Sprintf(": %q", *s)
}

func bytes[T uint32 | uint64](n *T) string {
	if n == nil {
		return ""
	}
	return fmt.Sprintf(": %d bytes", *n)
}
