package main

import (
	"context"
	"log/slog"
	"math"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/serve"
	"github.com/gondola-wasm/gondola/wasi"
)

type serveFlags struct {
	sandbox sandboxFlags
	engine  engineFlags
	pool    serve.Options
	headers headerFlags

	addr            string
	shutdownAddr    string
	tlsCert, tlsKey string
	maxConnections  int
	maxBody         sizeLimit
	maxResponse     sizeLimit
	maxHeader       size
	shutdownTimeout time.Duration
	accessLog       bool
	logFormat       logFormat
	noPrefix        bool
}

func newServe() *cobra.Command {
	var flags serveFlags
	cmd := &cobra.Command{
		Use:   "serve [flags] X",
		Short: "Answer HTTP requests with a component, or a Go package that it builds first",
		Long: `Serve answers HTTP requests with instances of a component that exports
wasi:http/handler of WASI 0.3, or wasi:http/incoming-handler of 0.2. X is a .wasm
or .wat file or the directory of a Go package, which is built as by
"gondola build" first.

Instances are made as they are needed. One of WASI 0.3 answers many requests, also
at once; --isolation says whether it may. When an instance traps, the requests fail
that it is working on.

What guests print comes out line by line, behind the number of the instance, which
the guest has as INSTANCE_ID. They get no files, no network and no environment but
those that flags name, and their standard input is empty.

Where flags for limits take none, that is no limit.

An interrupt, SIGTERM or a connection to --shutdown-addr ends the service when the
requests that it has are answered; another interrupt ends it at once.`,
		Args:                  needs("a component or a Go package", 1),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.engine.profile.during(func() error { return serveComponent(cmd.Context(), &flags, args[0]) })
		},
	}
	flags.sandbox.register(cmd.Flags())
	flags.engine.register(cmd)
	flags.register(cmd.Flags())
	for name, value := range serveDefaults {
		setDefault(cmd.Flags().Lookup(name), value)
	}
	return cmd
}

// serveDefaults are stricter than those of a command, since there are many instances and
// strangers talk to them.
var serveDefaults = map[string]string{
	"max-memory":         "256MiB",
	"max-wasm-stack":     "64MiB",
	"max-table-elements": "1000000",
	"max-handles":        "10000",
	"max-tasks":          "10000",
	"max-host-calls":     "10000",
	"hostcall-fuel":      "16MiB",
}

// setDefault changes the default of a flag.
func setDefault(f *pflag.Flag, value string) {
	if err := f.Value.Set(value); err != nil {
		panic(err) // it is a constant
	}
	f.DefValue = f.Value.String()
}

func (s *serveFlags) register(f *pflag.FlagSet) {
	f.StringVar(&s.addr, "addr", "127.0.0.1:8080", "listen at this `address`; port 0 is any that is free")
	f.StringVar(&s.shutdownAddr, "shutdown-addr", "", "end the service, as an interrupt does, when somebody connects to this `address`; keep it from strangers")
	f.StringVar(&s.tlsCert, "tls-cert", "", "serve over TLS, with the certificate chain in this PEM `file`")
	f.StringVar(&s.tlsKey, "tls-key", "", "the certificate's private key, a PEM `file`")
	f.VarP(&s.headers, "header", "H", "set a header of each request, as `'NAME: VALUE'`, or those in the lines of a file, as @FILE; repeatable")

	f.Var(textFlag{&s.pool.Isolation, "isolation"}, "isolation", "what requests share: request (nothing), instance (an instance, one after the other) or concurrent (at once); the default is concurrent, or request for WASI 0.2")
	f.Var(countRange(&s.pool.MinReuse, &s.pool.MaxReuse), "max-instance-reuse-count", "how many requests an instance answers: a `number`, or a range such as 64..256, from which each instance draws its own; the default is 128")
	f.Var(countRange(&s.pool.MinConcurrent, &s.pool.MaxConcurrent), "max-instance-concurrent-reuse-count", "how many requests an instance works on at a time: a `number` or a range; the default is 16")
	limitVar(f, &s.pool.MaxInstances, "max-instances", 0, "how many instances there may be at a time, a `number` or none; the default is 64, or 256 where each works on one request at a time")
	limitVar(f, &s.pool.MaxRequests, "max-concurrent-requests", 1000, "how many requests may be there at a time, a `number` or none; others get status 503")
	limitVar(f, &s.maxConnections, "max-concurrent-connections", 1000, "how many connections may be open at a time, a `number` or none; others wait")
	f.Var(&s.maxBody, "max-request-body", "how many `bytes` the body of a request may have, or none")
	f.Var(&s.maxResponse, "max-response-body", "how many `bytes` the body of a response may have, or none")
	s.maxHeader = 64 << 10
	f.Var(&s.maxHeader, "max-request-header", "how many `bytes` the header of a request may have")

	spanVar(f, &s.pool.QueueTimeout, "queue-timeout", 10*time.Second, "how long a request waits for an instance before it gets status 503")
	someSpanVar(f, &s.pool.RequestTimeout, "request-timeout", 30*time.Second, "how long a response may take until its header is there, and a guest run without a pause")
	someSpanVar(f, &s.pool.ReceiveTimeout, "receive-timeout", 5*time.Minute, "how long a client may send nothing of a request's body that is waited for, before that breaks off")
	someSpanVar(f, &s.pool.SendTimeout, "send-timeout", 30*time.Second, "how long a client may take nothing of a response before that breaks off")
	spanVar(f, &s.pool.PostReturnTimeout, "post-return-timeout", 30*time.Second, "how long a guest may work on after its response")
	s.pool.IdleTimeout = time.Second
	f.Var(timeRange(&s.pool.MinIdleTimeout, &s.pool.IdleTimeout), "idle-instance-timeout", "how long an instance is kept that has nothing to do: a `time`, or a range such as 1s..10s")
	spanVar(f, &s.shutdownTimeout, "shutdown-timeout", 30*time.Second, "how long an interrupt waits for requests that are being answered")

	f.BoolVar(&s.accessLog, "access-log", false, "log each request")
	f.Var(&s.logFormat, "log-format", "the `format` of what is logged: text or json")
	f.BoolVar(&s.noPrefix, "no-logging-prefix", false, "pass on what guests print as it is")
}

func serveComponent(ctx context.Context, flags *serveFlags, path string) error {
	ctx, end, stop := terminable(ctx)
	defer stop()
	tlsConfig, err := flags.tls()
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGPIPE) // a closed standard output is for guests to know
	stderr := serve.NewOutput(os.Stderr)
	log := flags.logFormat.logger(stderr)
	var cfg wasi.Config
	if err := flags.sandbox.grant(&cfg); err != nil {
		return err
	}
	if err := flags.checkAddresses(); err != nil {
		return err
	}
	cfg.Args = []string{guestName(path)}
	flags.print(&cfg, stderr)

	say := newProgress(stderr)
	defer say.stop()
	say.now(gettingGuest(path))
	wasm, _, err := loadGuest(ctx, path, flags.engine.features)
	if err != nil {
		return unlessInterrupted(ctx, err)
	}
	say.now("compiling " + path)
	rt := gondola.NewRuntime(ctx, flags.engine.options()...)
	defer rt.Close(context.WithoutCancel(ctx))
	comp, err := rt.Compile(ctx, wasm)
	if err != nil {
		return unlessInterrupted(ctx, inFile(path, err))
	}
	linker := flags.engine.linker(rt)
	host := wasi.AddTo(linker, cfg)
	handler, err := serve.New(ctx, linker, host, comp, flags.options(log))
	if err != nil {
		return unlessInterrupted(ctx, inFile(path, err))
	}
	say.stop()
	err = flags.listen(ctx, end, handler, tlsConfig, log, stderr)
	if ferr := flush(ctx, host); err == nil {
		err = ferr
	}
	return err
}

// print says where what guests print goes, if it is not to be prefixed.
func (s *serveFlags) print(cfg *wasi.Config, stderr *serve.Output) {
	if s.noPrefix {
		cfg.Stdout, cfg.Stderr = os.Stdout, stderr
		return
	}
	stdout := serve.NewOutput(os.Stdout)
	s.pool.Own = func(id string) *wasi.Own {
		return &wasi.Own{
			Stdout: stdout.Prefixed("stdout [" + id + "] :: "),
			Stderr: stderr.Prefixed("stderr [" + id + "] :: "),
		}
	}
}

// options are the choices of the pool.
func (s *serveFlags) options(log *slog.Logger) serve.Options {
	o := s.pool
	o.Log = log
	o.MaxBodyBytes = int64(min(s.maxBody, math.MaxInt64))
	o.MaxResponseBytes = int64(min(s.maxResponse, math.MaxInt64))
	if s.accessLog {
		o.AccessLog = log
	}
	return o
}
