# The audit browser and the security lens
