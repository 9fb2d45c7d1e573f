site_name    = "Rosewood"
owner_phone  = "+353871234567"
freezers     = { cellar = -12, "garden shed" = -15 }
leak_sensors = ["bathroom", "utility room"]
