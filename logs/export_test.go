package logs

// ForgetStreams does what the service does in the background when memory holds too many streams.
func (s *Service) ForgetStreams() (left int) {
	s.groups.shrink(0)
	for _, g := range s.groups.byKey {
		left += g.streams.size()
	}
	return left
}
