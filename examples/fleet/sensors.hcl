# {"ts": 1764000000, "engine": {"coolant_c": 87.5, "oil": [{"kpa": 310}], "rpm": 1450}, "hours": 1204}
sensor "engine" {
  topic = "fleet/{machine}/engine"
  fields = {
    coolant_c = number
    oil_kpa   = number
    rpm       = number
  }
  path = {
    coolant_c = "engine.coolant_c"
    oil_kpa   = "engine.oil[0].kpa"
    rpm       = "engine.rpm"
  }
  # A sender that is not connected reads far outside of what an engine can have.
  valid = {
    coolant_c = [-40, 150]
    oil_kpa   = [0, 1000]
  }
  # A machine that comes out of a tunnel tells what it measured in there. That
  # belongs in the averages, but it is no reason to stop the engine now.
  time    = payload.ts
  max_age = "5m"
}

# {"level": 14.2, "state": "ok"}
sensor "hydraulics" {
  topic  = "fleet/{machine}/hydraulics"
  fields = { level = number, state = string }
}
