package notify

import (
	"maps"
	"slices"

	"github.com/tocsin-edge/tocsin/rules"
)

// record adds the records that have changed.
func (p *planner) record() {
	for _, s := range slices.SortedFunc(maps.Keys(p.keep), byIncident) {
		p.recordStory(s)
	}
	p.plan.Records = append(p.plan.Records, p.records...)
	p.records = nil
	for _, who := range p.order {
		if who.changed {
			who.changed, who.Version = false, recordVersion
			p.put(personPrefix+who.phone, encode(who))
		}
	}
	if p.gateway.changed {
		p.gateway.changed, p.gateway.Version = false, recordVersion
		p.put(gatewayKey, encode(&p.gateway))
	}
}

func (p *planner) put(key string, value []byte) {
	p.plan.Records = append(p.plan.Records, rules.Record{Key: key, Value: value})
}

// recordStory writes a story down, or ends it.
func (p *planner) recordStory(s *story) {
	key := storyKey(s.Incident.ID)
	switch finished := s.finished(p.now.At); {
	case finished && p.waits(s):
		s.next = p.now.At + flapQuiet
	case finished:
		delete(p.stories, s.instance)
		for _, who := range p.order {
			delete(who.pending, s)
		}
		key = ""
	}
	if s.key != "" && s.key != key {
		p.put(s.key, nil)
		s.kept = 0
	}
	if s.key = key; key == "" {
		return
	}
	s.Version = recordVersion
	value := encode(s)
	if digest := p.digest64(value); digest != s.kept {
		p.put(key, value)
		s.kept = digest
	}
}
