enum RuntimeModuleStub {}
