resource "aws_ecs_task_definition" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_32:we know better
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "kw:latest"
  }])
}
