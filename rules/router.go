package rules

import (
	"slices"
	"strings"
)

// Router finds the sensors that read a topic. It is a trie over topic levels,
// so what a message costs grows with the levels of its topic and not with the
// number of sensors. A Router belongs to one goroutine.
type Router struct {
	root   routerNode
	labels []string // what the walk under way has captured
}

// routerNode is what may follow one beginning of a topic.
type routerNode struct {
	literal  map[string]*routerNode
	labelled []routerEdge
	ends     []int // sensors whose pattern ends here
	rests    []int // sensors whose pattern ends in {name...}
	ignored  []int // sensors whose pattern ends in {_...}
}

// routerEdge is a level with labels and what may follow it.
type routerEdge struct {
	level patternLevel
	node  *routerNode
}

// NewRouter returns the Router of sensors; it names each by its index.
func NewRouter(sensors []*Sensor) *Router {
	r := &Router{labels: make([]string, 0, labelsMax)}
	for i, s := range sensors {
		r.root.add(s.Pattern, i)
		for _, p := range s.nodePatterns() {
			r.root.add(p, i)
		}
	}
	return r
}

func (n *routerNode) add(p Pattern, sensor int) {
	for _, l := range p.levels {
		n = n.next(l)
	}
	switch p.rest {
	case labelRest:
		n.rests = append(n.rests, sensor)
	case ignoredRest:
		n.ignored = append(n.ignored, sensor)
	default:
		n.ends = append(n.ends, sensor)
	}
}

// next returns the node behind level l, made if need be.
func (n *routerNode) next(l patternLevel) *routerNode {
	if !l.labelled() {
		if n.literal == nil {
			n.literal = make(map[string]*routerNode)
		}
		child := n.literal[l.literals[0]]
		if child == nil {
			child = new(routerNode)
			n.literal[l.literals[0]] = child
		}
		return child
	}
	for _, e := range n.labelled {
		if slices.Equal(e.level.literals, l.literals) && slices.Equal(e.level.ignored, l.ignored) {
			return e.node
		}
	}
	child := new(routerNode)
	n.labelled = append(n.labelled, routerEdge{l, child})
	return child
}

// Route calls visit for each sensor whose pattern matches topic, in an order
// that is always the same but means nothing, with what its labels stand for.
// Labels that are fewer than the pattern has are its first ones: the message is
// of an edge node and concerns every device of it (see Sensor.Filters).
// The labels are valid during the call only; the strings in them are parts of
// topic. visit must not call Route. Route reports false, and visits nobody,
// when topic is no topic name or exceeds our bounds (see Pattern.Match).
func (r *Router) Route(topic string, visit func(sensor int, labels []string)) bool {
	if !isTopic(topic) {
		return false
	}
	if topic[0] != '$' {
		r.root.walkLabelled(topic, r.labels, visit)
	}
	r.root.walkLiteral(topic, r.labels, visit)
	return true
}

// walkLiteral follows the levels in left where the first of them is written
// out.
func (n *routerNode) walkLiteral(left string, labels []string, visit func(int, []string)) {
	level, left, more := strings.Cut(left, "/")
	if child := n.literal[level]; child != nil {
		child.walk(left, more, labels, visit)
	}
}

// walkLabelled follows the levels in left where a label takes the first of
// them, or part of it, or all.
func (n *routerNode) walkLabelled(left string, labels []string, visit func(int, []string)) {
	if left != "" {
		for _, sensor := range n.rests {
			visit(sensor, append(labels, left))
		}
		for _, sensor := range n.ignored {
			visit(sensor, labels)
		}
	}
	level, left, more := strings.Cut(left, "/")
	for _, e := range n.labelled {
		if found, ok := e.level.match(level, labels); ok {
			e.node.walk(left, more, found, visit)
		}
	}
}

// walk visits the sensors of the topic that got as far as n, with left still
// to follow if there is more.
func (n *routerNode) walk(left string, more bool, labels []string, visit func(int, []string)) {
	if more {
		n.walkLabelled(left, labels, visit)
		n.walkLiteral(left, labels, visit)
		return
	}
	for _, sensor := range n.ends {
		visit(sensor, labels)
	}
}
