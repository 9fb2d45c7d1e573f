package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// weekdays are the days of the week as they are written, by time.Weekday.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// readSchedules reads the schedule blocks.
func (l *loader) readSchedules() {
	for _, b := range l.blocks["schedule"] {
		r := block.Open(b, l.ctx)
		s := schedule(r)
		s.Name = r.Label()
		l.schedules = append(l.schedules, s)
		l.found(b, r.Close()...)
	}
}

// schedule reads time that recurs: a schedule block, or a quiet block of a
// contact.
func schedule(r *block.Reader) *notify.Schedule {
	r.Need("from", `Write when it begins, such as from = "22:00".`)
	r.Need("to", `Write when it ends, such as to = "07:00"; that is on the next day when it is not later than from.`)
	s := &notify.Schedule{Days: days(r)}
	s.From, _ = timeOfDay(r, "from")
	s.To, _ = timeOfDay(r, "to")
	if s.From == midnight {
		r.Add(block.Mistake(r.Range("from"), "Invalid time of day", `Nothing begins when a day is over. Write from = "00:00", which is when the next one begins.`))
	}
	return s
}

// midnight is the end of a day, which is also the beginning of the next.
const midnight = notify.TimeOfDay(24 * time.Hour)

// timeOfDay reads an argument such as "22:00", and says whether it is there and
// right.
func timeOfDay(r *block.Reader, name string) (notify.TimeOfDay, bool) {
	text, ok := r.Text(name)
	if !ok {
		return 0, false
	}
	t, err := notify.ParseTimeOfDay(text)
	if err != nil {
		r.Add(block.Mistake(r.Range(name), "Invalid time of day", fmt.Sprintf(
			`%q is not a time of day. Write hours and minutes from "00:00" to "24:00", such as "22:00".`, text)))
		return 0, false
	}
	return t, true
}

// days reads on which days something begins, by time.Weekday; without the
// argument on all.
func days(r *block.Reader) (on [7]bool) {
	if !r.Has("days") {
		return [7]bool{true, true, true, true, true, true, true}
	}
	items, ok := r.ItemsOf(r.Expr("days"), "days")
	if ok && len(items) == 0 {
		r.Add(block.Mistake(r.Range("days"), "Invalid value", `days is an empty list. Write days = ["mon-fri"], or leave the argument out for every day.`))
	}
	for _, item := range items {
		addDays(r, item, &on)
	}
	return on
}

// addDays adds one day, or those from one to another: "mon", "fri-sun".
func addDays(r *block.Reader, item hcl.Expression, on *[7]bool) {
	text, ok := r.StringOf(item, "days")
	if !ok {
		return
	}
	from, to, several := strings.Cut(text, "-")
	if !several {
		to = from
	}
	first, last := slices.Index(weekdays, from), slices.Index(weekdays, to)
	if first < 0 || last < 0 {
		r.Add(block.Mistake(item.Range(), "Invalid day", fmt.Sprintf("%q is no day of the week. %s", text, daysInstead(text))))
		return
	}
	for day := first; ; day = (day + 1) % len(weekdays) {
		on[day] = true
		if day == last {
			return
		}
	}
}

// daysInstead says what to write for days such as "Monday - Friday".
func daysInstead(text string) string {
	var short []string
	for _, day := range strings.Split(text, "-") {
		day = strings.ToLower(strings.TrimSpace(day))
		short = append(short, day[:min(len(day), len("mon"))])
	}
	unknown := func(day string) bool { return !slices.Contains(weekdays, day) }
	if len(short) > 2 || slices.ContainsFunc(short, unknown) {
		return `Write "mon" to "sun", or several in a row such as "mon-fri".`
	}
	return fmt.Sprintf("Did you mean %q?", strings.Join(short, "-"))
}

// scheduleOf is the schedule that a reference which leads somewhere is to.
func (l *loader) scheduleOf(ref block.Ref) *notify.Schedule {
	i := slices.IndexFunc(l.schedules, func(s *notify.Schedule) bool { return s.Name == ref.Name })
	return l.schedules[i]
}

// endless tells whether there is no minute of the week in which none of the
// schedules holds.
func endless(schedules []*notify.Schedule) bool {
	const day, week = 24 * 60, 7 * 24 * 60
	var holds [week]bool
	for _, s := range schedules {
		from, length := minutes(s.From), minutes(s.To)-minutes(s.From)
		if length <= 0 {
			length += day
		}
		for weekday, on := range s.Days {
			for m := 0; on && m < length; m++ {
				holds[(weekday*day+from+m)%week] = true
			}
		}
	}
	return !slices.Contains(holds[:], false)
}

func minutes(t notify.TimeOfDay) int { return int(time.Duration(t) / time.Minute) }
