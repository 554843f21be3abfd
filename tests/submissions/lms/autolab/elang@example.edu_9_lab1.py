# the ninth attempt
