resource "aws_ecs_task_definition" "pass" {
  family = "x"
  container_definitions = jsonencode([{
    name                   = "api"
    image                  = "kw:1.2.3"
    readonlyRootFilesystem = true
  }])
}

resource "aws_ecs_task_definition" "pass_user" {
  family = "x"
  container_definitions = jsonencode([{
    name                   = "api"
    image                  = "kw:1.2.3"
    readonlyRootFilesystem = true
    user                   = "65532:65532"
  }])
}
