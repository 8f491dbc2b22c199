package logs

import "github.com/tollbook/tollbook/awsapi/awslogs"

// standardOnly refuses what only log groups of the STANDARD class have: metric filters, subscription filters and field
// indexes. Code and text are as seen from AWS, although the operations' models do not have the code.
func (g *group) standardOnly() error {
	if g.rec.Class == classStandard {
		return nil
	}
	return awslogs.ValidationException("This operation is only supported on the Standard log class.")
}
