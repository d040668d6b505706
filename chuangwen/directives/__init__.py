"""上级督办件: papers from the city or the province, their items, who does what by when, and the reply upwards."""
