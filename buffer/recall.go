package buffer

// Recall takes a text back of which nothing can be on its way, and reports
// whether that was done. From then on it is known no more: Next passes it over,
// and Begin finds no such text.
//
// That is in memory only. The text ends for good in the batch that says so
// (Batch.Recalled), together with what takes its place. Until then it is on disk,
// and there again after [Store.Release] or a restart.
func (s *Store) Recall(id uint64) bool {
	s.write.Lock() // a text that is being begun has taken its step
	defer s.write.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.queue.recall(id) {
		return false
	}
	signal(s.wake) // what it held back may be due
	return true
}

// Release undoes Recall for texts that nothing takes the place of after all.
func (s *Store) Release(ids ...uint64) {
	s.write.Lock()
	defer s.write.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.queue.release(id)
	}
	signal(s.wake)
}

// WaitingTo returns the texts to a number that have Tells and that the network
// has not accepted, in the order in which they are to go out.
func (s *Store) WaitingTo(number string) []Text {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []Text
	for _, t := range s.queue.byTo[number] {
		if len(t.Tells) > 0 {
			texts = append(texts, t.clone())
		}
	}
	return texts
}

// Unsettled shows visit every text with Tells that is not Unreached, be it that
// it waits, and sent is nil, or that it has left the queue. The store stands
// still meanwhile: visit is quick, calls no method of it and keeps neither.
func (s *Store) Unsettled(visit func(t *Text, sent *Sent)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.queue.byID {
		if len(t.Tells) > 0 && !t.Unreached {
			visit(t, nil)
		}
	}
	for _, x := range s.history.texts {
		if len(x.Tells) > 0 && !x.Unreached {
			visit(&x.Text, x)
		}
	}
}
