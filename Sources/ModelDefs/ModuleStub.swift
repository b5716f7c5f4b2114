enum ModelDefsModuleStub {}
