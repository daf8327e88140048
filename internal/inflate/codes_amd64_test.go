package inflate

func withoutAssembly(do func()) {
	defer func(was bool) { hasBMI2 = was }(hasBMI2)
	hasBMI2 = false
	do()
}
