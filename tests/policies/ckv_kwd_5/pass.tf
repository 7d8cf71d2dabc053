# In place, though stateful.
resource "aws_sqs_queue" "pass_changed" {
  name                       = "jobs"
  visibility_timeout_seconds = 60
}
