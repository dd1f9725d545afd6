package httpx

// ErrorCode is the variant error-code of wasi:http/types, which is the same in
// every version, and a Go error. [CodeOf] finds the one for another error.
type ErrorCode interface {
	error
	WITCases(errorCodeCases)
}

type errorCodeCases struct {
	DNSTimeout                     DNSTimeout
	DNSError                       DNSError
	DestinationNotFound            DestinationNotFound
	DestinationUnavailable         DestinationUnavailable
	DestinationIPProhibited        DestinationIPProhibited
	DestinationIPUnroutable        DestinationIPUnroutable
	ConnectionRefused              ConnectionRefused
	ConnectionTerminated           ConnectionTerminated
	ConnectionTimeout              ConnectionTimeout
	ConnectionReadTimeout          ConnectionReadTimeout
	ConnectionWriteTimeout         ConnectionWriteTimeout
	ConnectionLimitReached         ConnectionLimitReached
	TLSProtocolError               TLSProtocolError
	TLSCertificateError            TLSCertificateError
	TLSAlertReceived               TLSAlertReceived
	HTTPRequestDenied              HTTPRequestDenied
	HTTPRequestLengthRequired      HTTPRequestLengthRequired
	HTTPRequestBodySize            HTTPRequestBodySize
	HTTPRequestMethodInvalid       HTTPRequestMethodInvalid
	HTTPRequestURIInvalid          HTTPRequestURIInvalid
	HTTPRequestURITooLong          HTTPRequestURITooLong
	HTTPRequestHeaderSectionSize   HTTPRequestHeaderSectionSize
	HTTPRequestHeaderSize          HTTPRequestHeaderSize
	HTTPRequestTrailerSectionSize  HTTPRequestTrailerSectionSize
	HTTPRequestTrailerSize         HTTPRequestTrailerSize
	HTTPResponseIncomplete         HTTPResponseIncomplete
	HTTPResponseHeaderSectionSize  HTTPResponseHeaderSectionSize
	HTTPResponseHeaderSize         HTTPResponseHeaderSize
	HTTPResponseBodySize           HTTPResponseBodySize
	HTTPResponseTrailerSectionSize HTTPResponseTrailerSectionSize
	HTTPResponseTrailerSize        HTTPResponseTrailerSize
	HTTPResponseTransferCoding     HTTPResponseTransferCoding
	HTTPResponseContentCoding      HTTPResponseContentCoding
	HTTPResponseTimeout            HTTPResponseTimeout
	HTTPUpgradeFailed              HTTPUpgradeFailed
	HTTPProtocolError              HTTPProtocolError
	LoopDetected                   LoopDetected
	ConfigurationError             ConfigurationError
	InternalError                  InternalError
}

// errorCase makes a type that embeds it a case of [ErrorCode], together with a
// method Error.
type errorCase struct{}

func (errorCase) WITCases(errorCodeCases) {}

// The cases of [ErrorCode].
type (
	DNSTimeout struct{ errorCase }
	DNSError   struct {
		errorCase
		Payload DNSErrorPayload
	}
	DestinationNotFound     struct{ errorCase }
	DestinationUnavailable  struct{ errorCase }
	DestinationIPProhibited struct{ errorCase }
	DestinationIPUnroutable struct{ errorCase }
	ConnectionRefused       struct{ errorCase }
	ConnectionTerminated    struct{ errorCase }
	ConnectionTimeout       struct{ errorCase }
	ConnectionReadTimeout   struct{ errorCase }
	ConnectionWriteTimeout  struct{ errorCase }
	ConnectionLimitReached  struct{ errorCase }
	TLSProtocolError        struct{ errorCase }
	TLSCertificateError     struct{ errorCase }
	TLSAlertReceived        struct {
		errorCase
		Payload TLSAlertReceivedPayload
	}
	HTTPRequestDenied         struct{ errorCase }
	HTTPRequestLengthRequired struct{ errorCase }
	HTTPRequestBodySize       struct {
		errorCase
		Size *uint64
	}
	HTTPRequestMethodInvalid     struct{ errorCase }
	HTTPRequestURIInvalid        struct{ errorCase }
	HTTPRequestURITooLong        struct{ errorCase }
	HTTPRequestHeaderSectionSize struct {
		errorCase
		Size *uint32
	}
	HTTPRequestHeaderSize struct {
		errorCase
		Field *FieldSizePayload
	}
	HTTPRequestTrailerSectionSize struct {
		errorCase
		Size *uint32
	}
	HTTPRequestTrailerSize struct {
		errorCase
		Field FieldSizePayload
	}
	HTTPResponseIncomplete        struct{ errorCase }
	HTTPResponseHeaderSectionSize struct {
		errorCase
		Size *uint32
	}
	HTTPResponseHeaderSize struct {
		errorCase
		Field FieldSizePayload
	}
	HTTPResponseBodySize struct {
		errorCase
		Size *uint64
	}
	HTTPResponseTrailerSectionSize struct {
		errorCase
		Size *uint32
	}
	HTTPResponseTrailerSize struct {
		errorCase
		Field FieldSizePayload
	}
	HTTPResponseTransferCoding struct {
		errorCase
		Coding *string
	}
	HTTPResponseContentCoding struct {
		errorCase
		Coding *string
	}
	HTTPResponseTimeout struct{ errorCase }
	HTTPUpgradeFailed   struct{ errorCase }
	HTTPProtocolError   struct{ errorCase }
	LoopDetected        struct{ errorCase }
	ConfigurationError  struct{ errorCase }
	InternalError       struct {
		errorCase
		Text *string
	}
)

// DNSErrorPayload is what is known of a failure to resolve a name.
type DNSErrorPayload struct {
	Rcode    *string // such as "NXDOMAIN"
	InfoCode *uint16 // of an extended error
}

// TLSAlertReceivedPayload is what is known of an alert of TLS.
type TLSAlertReceivedPayload struct {
	AlertID      *uint8
	AlertMessage *string
}

// FieldSizePayload is a field that is too large, and its size in bytes.
type FieldSizePayload struct {
	FieldName *string
	FieldSize *uint32
}
