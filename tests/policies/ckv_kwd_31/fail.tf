resource "aws_ecs_task_definition" "fail_writes" {
  family = "x"
  container_definitions = jsonencode([{
    name                   = "api"
    image                  = "kw:1.2.3"
    readonlyRootFilesystem = false
  }])
}

resource "aws_ecs_task_definition" "fail_not_written" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "kw:1.2.3"
  }])
}

resource "aws_ecs_task_definition" "fail_privileged" {
  family = "x"
  container_definitions = jsonencode([{
    name                   = "api"
    image                  = "kw:1.2.3"
    readonlyRootFilesystem = true
    privileged             = true
  }])
}

resource "aws_ecs_task_definition" "fail_root" {
  family = "x"
  container_definitions = jsonencode([{
    name                   = "api"
    image                  = "kw:1.2.3"
    readonlyRootFilesystem = true
    user                   = "0:0"
  }])
}

resource "aws_ecs_task_definition" "fail_capability" {
  family = "x"
  container_definitions = jsonencode([{
    name                   = "api"
    image                  = "kw:1.2.3"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { add = ["SYS_PTRACE"] } }
  }])
}
