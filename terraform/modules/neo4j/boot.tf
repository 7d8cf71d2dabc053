# What the instance is told at its first boot: small files, and one script that brings all of it up.

locals {
  names = {
    namespace = "KnowledgeWeaver"
    data      = "/var/lib/neo4j/data"
    scripts   = "/opt/knowledgeweaver"
  }

  settings = {
    AWS_REGION      = data.aws_region.current.name
    ENVIRONMENT     = var.environment
    NAMESPACE       = local.names.namespace
    NEO4J_RELEASE   = var.release
    NEO4J_SECRET_ID = var.secret.arn
    PAGE_CACHE_MIB  = var.memory.page_cache_mib
    # EBS volumes show up as NVMe disks whose serial number is the volume's id without its dash.
    VOLUME_SERIAL = replace(aws_ebs_volume.data.id, "-", "")
  }

  # Comments stay behind: a better one must not replace the instance.
  scripts = {
    for name, text in {
      boot     = file("${path.module}/files/boot.sh")
      database = file("${path.module}/files/database.sh")
      health   = file("${path.module}/files/health.sh")
      metrics  = file("${path.module}/files/metrics.sh")
    } : "${local.names.scripts}/${name}.sh" => replace(text, "/(?m)^[ \t]*# .*\n/", "")
  }

  files = {
    "/etc/knowledgeweaver/neo4j.env" = join("", [for name, value in local.settings : "${name}=${value}\n"])
    "/etc/knowledgeweaver/neo4j.conf" = templatefile("${path.module}/files/neo4j.conf", {
      heap_mib       = var.memory.heap_mib
      page_cache_mib = var.memory.page_cache_mib
    })
    "/etc/knowledgeweaver/cloudwatch-agent.json" = "${jsonencode(local.agent)}\n"
    "/etc/systemd/system/neo4j.service.d/volume.conf" = templatefile("${path.module}/files/neo4j.service", {
      data = local.names.data
    })
    "/etc/systemd/system/neo4j-health.service"  = file("${path.module}/files/neo4j-health.service")
    "/etc/systemd/system/neo4j-health.timer"    = file("${path.module}/files/neo4j-health.timer")
    "/etc/systemd/system/neo4j-metrics.service" = file("${path.module}/files/neo4j-metrics.service")
    "/etc/systemd/system/neo4j-metrics.timer"   = file("${path.module}/files/neo4j-metrics.timer")
  }

  user_data = "#cloud-config\n${yamlencode({
    write_files = concat(
      [for path, text in local.files : { path = path, content = text }],
      [for path, text in local.scripts : { path = path, permissions = "0755", content = text }],
    )
    runcmd = [["${local.names.scripts}/boot.sh"]]
  })}"
}
