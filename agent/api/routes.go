package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tocsin-edge/tocsin/agent/status"
)

func routes(agent Agent) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+statusPath, answer(func(ctx context.Context, _ *http.Request) (status.Snapshot, error) {
		return agent.Snapshot(ctx)
	}))
	mux.Handle("GET "+alertsPath, answer(func(ctx context.Context, _ *http.Request) (status.Alerts, error) {
		return agent.Alerts(ctx)
	}))
	mux.Handle("GET "+whyPath, answer(func(ctx context.Context, r *http.Request) (status.Why, error) {
		return agent.Why(ctx, questionOf(r.URL.Query()))
	}))
	mux.Handle("GET "+switchesPath, answer(func(ctx context.Context, _ *http.Request) ([]status.Switch, error) {
		return agent.Switches(ctx)
	}))
	mux.Handle("POST "+switchPath, carryOut(agent.SetSwitch))
	mux.Handle("POST "+ackPath, carryOut(agent.Ack))
	mux.Handle("GET "+queuePath, answer(func(ctx context.Context, _ *http.Request) (status.Queue, error) {
		return agent.Queue(ctx)
	}))
	mux.Handle("GET "+textPath, answer(func(ctx context.Context, r *http.Request) (status.TextFate, error) {
		id, err := strconv.ParseUint(r.URL.Query().Get(idParameter), 10, 64)
		if err != nil {
			return status.TextFate{}, badRequest{http.StatusBadRequest, errors.New("the id is to be a text's number")}
		}
		return agent.Text(ctx, id)
	}))
	mux.Handle("POST "+sendPath, carryOut(agent.Send))
	mux.Handle("GET "+silencesPath, answer(func(ctx context.Context, _ *http.Request) ([]status.Silence, error) {
		return agent.Silences(ctx)
	}))
	mux.Handle("POST "+silencePath, carryOut(agent.Silence))
	mux.Handle("POST "+unsilencePath, carryOut(agent.Unsilence))
	return mux
}

// The paths of what can be asked and ordered.
const (
	statusPath    = "/v1/status"
	alertsPath    = "/v1/alerts"
	whyPath       = "/v1/why"
	switchesPath  = "/v1/switches"
	switchPath    = "/v1/switch"
	ackPath       = "/v1/ack"
	queuePath     = "/v1/queue"
	textPath      = "/v1/text"
	sendPath      = "/v1/send"
	silencesPath  = "/v1/silences"
	silencePath   = "/v1/silence"
	unsilencePath = "/v1/unsilence"
)

// answer handles a request by what ask returns, as JSON, or says why it returns
// nothing.
func answer[T any](ask func(context.Context, *http.Request) (T, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(r.Context(), lookMax, errBusy)
		defer cancel()
		v, err := ask(ctx, r)
		if err != nil {
			refuse(ctx, w, err)
			return
		}
		w.Header().Set("Content-Type", jsonType)
		_ = json.NewEncoder(w).Encode(v) // the client may be gone
	})
}

// refuse tells the client why it gets no answer.
func refuse(ctx context.Context, w http.ResponseWriter, err error) {
	if bad, ok := errors.AsType[badRequest](err); ok {
		http.Error(w, err.Error(), bad.code)
		return
	}
	if _, ok := errors.AsType[*Refusal](err); ok {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	http.Error(w, cmp.Or(context.Cause(ctx), err).Error(), http.StatusServiceUnavailable)
}

// jsonType is the content type of orders and answers.
const jsonType = "application/json"

// idParameter names a text.
const idParameter = "id"

// The parameters of a Question. A label is given as NAME=VALUE, or as a value
// alone.
const (
	alertParameter = "alert"
	labelParameter = "label"
	valueParameter = "value"
)

func questionOf(v url.Values) Question {
	q := Question{Alert: v.Get(alertParameter)}
	for _, label := range v[labelParameter] {
		name, value, _ := strings.Cut(label, "=")
		q.Labels = append(q.Labels, Label{name, value})
	}
	for _, value := range v[valueParameter] {
		q.Labels = append(q.Labels, Label{Value: value})
	}
	return q
}

// values are q as parameters.
func (q Question) values() url.Values {
	v := url.Values{alertParameter: {q.Alert}}
	for _, l := range q.Labels {
		if l.Name == "" {
			v.Add(valueParameter, l.Value)
		} else {
			v.Add(labelParameter, l.Name+"="+l.Value)
		}
	}
	return v
}

// carryOut handles a request whose body is an order, as JSON.
func carryOut[O, T any](do func(context.Context, O) (T, error)) http.Handler {
	return answer(func(ctx context.Context, r *http.Request) (done T, err error) {
		var order O
		if err := readOrder(r, &order); err != nil {
			return done, err
		}
		return do(ctx, order)
	})
}

// orderMax bounds an order, in bytes.
const orderMax = 4 << 10

// A badRequest is a request that cannot be understood.
type badRequest struct {
	code int
	error
}

// readOrder reads the one JSON value that a request holds. What it does not
// know it refuses: half an order is not to be carried out.
func readOrder(r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != jsonType {
		return badRequest{http.StatusUnsupportedMediaType, errors.New("the body is to be " + jsonType)}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, orderMax+1))
	if err != nil {
		return badRequest{http.StatusBadRequest, err}
	}
	if len(body) > orderMax {
		return badRequest{http.StatusRequestEntityTooLarge, fmt.Errorf("the body has more than %d bytes", orderMax)}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badRequest{http.StatusBadRequest, err}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badRequest{http.StatusBadRequest, errors.New("something follows the order")}
	}
	return nil
}
