/**
 * Zones as instances: six corners each as offsets from a centre, so that a BeiDou rectangle, a hexagon, a pentagon and a mix
 * of levels are one draw call with exact outlines, without tesselation, from typed arrays. No peer layer does this for
 * rectangles in degrees, and the stock hexagon layers either bend the shape or tesselate on every change.
 *
 * Corners are added in double precision: near the viewport's centre to the low part of the position, elsewhere to the high
 * part, which is where the projection looks for them.
 */
import {
  color,
  type DefaultProps,
  Layer,
  type LayerProps,
  project32,
  type UpdateParameters,
} from '@deck.gl/core';
import { Geometry, Model } from '@luma.gl/engine';

/** deck.gl raises a layer's opacity to 1/2.2 before it reaches the shader: this undoes it, so that 0.7 covers 70 %. */
export const layerOpacity = (share: number): number => share ** 2.2;

/** How an instance is filled. */
export const FILL = { value: 0, stale: 1, hatch: 2 } as const;

export interface ZoneMeshData {
  readonly length: number;
  readonly attributes: {
    /** Shape (n, 3), f64 degrees. */
    readonly getCentre: { readonly value: Float64Array; readonly size: 3 };
    /** Shape (n, 12) split into three views of the same array. */
    readonly getCornersA: {
      readonly value: Float32Array;
      readonly size: 4;
      readonly stride: 48;
      readonly offset: 0;
    };
    readonly getCornersB: {
      readonly value: Float32Array;
      readonly size: 4;
      readonly stride: 48;
      readonly offset: 16;
    };
    readonly getCornersC: {
      readonly value: Float32Array;
      readonly size: 4;
      readonly stride: 48;
      readonly offset: 32;
    };
    /** Shape (n, 4): red, green, blue, kind of fill (`FILL`). */
    readonly getFill: { readonly value: Uint8ClampedArray; readonly size: 4 };
  };
}

export interface ZoneMeshLayerProps extends LayerProps {
  readonly data: ZoneMeshData;
  /** Distance of the hatch lines in CSS pixels. */
  readonly hatchPixels: number;
  /** Space left at each corner, CSS pixels. */
  readonly gapPixels: number;
}

const uniformBlock = `\
layout(std140) uniform zoneMeshUniforms {
  float hatchPixels;
  float gapPixels;
} zoneMesh;
`;

const zoneMeshUniforms = {
  name: 'zoneMesh',
  vs: uniformBlock,
  fs: uniformBlock,
  uniformTypes: { hatchPixels: 'f32', gapPixels: 'f32' },
} as const;

const vs = `\
#version 300 es
#define SHADER_NAME zone-mesh-layer-vertex-shader
in float cornerIndex;
in vec3 instanceCentres;
in vec3 instanceCentres64Low;
in vec4 instanceCornersA;
in vec4 instanceCornersB;
in vec4 instanceCornersC;
in vec4 instanceFills;
out vec3 vColour;
flat out float vKind;
flat out float vPeriod;
void main(void) {
  vec2 offset =
    cornerIndex < 1.0 ? instanceCornersA.xy : cornerIndex < 2.0 ? instanceCornersA.zw :
    cornerIndex < 3.0 ? instanceCornersB.xy : cornerIndex < 4.0 ? instanceCornersB.zw :
    cornerIndex < 5.0 ? instanceCornersC.xy : instanceCornersC.zw;
  vec3 high = instanceCentres;
  vec3 low = instanceCentres64Low;
  bool exact = project.projectionMode == PROJECTION_MODE_WEB_MERCATOR_AUTO_OFFSET &&
    abs(high.y - project.coordinateOrigin.y) <= 0.25;
  if (exact) low.xy += offset; else high.xy += offset;
  geometry.worldPosition = high;
  vec4 corner = project_position_to_clipspace(high, low, vec3(0.0), geometry.position);
  // Half a pixel towards the centre: neighbours of one class stay countable, at any zoom.
  vec4 centre = project_position_to_clipspace(instanceCentres, instanceCentres64Low, vec3(0.0));
  vec2 outwards = corner.xy / corner.w - centre.xy / centre.w;
  float pixels = length(outwards * project.viewportSize * 0.5);
  corner.xy -= outwards * min(0.5, zoneMesh.gapPixels * project.devicePixelRatio / max(pixels, 1.0)) * corner.w;
  gl_Position = corner;
  vColour = instanceFills.rgb;
  vKind = floor(instanceFills.a * 255.0 + 0.5);
  vPeriod = zoneMesh.hatchPixels * project.devicePixelRatio;
}
`;

const fs = `\
#version 300 es
#define SHADER_NAME zone-mesh-layer-fragment-shader
precision highp float;
in vec3 vColour;
flat in float vKind;
flat in float vPeriod;
out vec4 fragColor;
void main(void) {
  float alpha = layer.opacity;
  if (vKind > 1.5) {
    float line = mod(gl_FragCoord.x + gl_FragCoord.y, vPeriod) / vPeriod;
    if (line > 0.2) discard;
  } else if (vKind > 0.5) {
    alpha *= 0.62;
  }
  fragColor = vec4(vColour, alpha);
  DECKGL_FILTER_COLOR(fragColor, geometry);
}
`;

const defaultProps: DefaultProps<ZoneMeshLayerProps> = {
  getCentre: { type: 'accessor', value: [0, 0, 0] },
  hatchPixels: { type: 'number', value: 7 },
  gapPixels: { type: 'number', value: 0.7 },
} as DefaultProps<ZoneMeshLayerProps>;

export class ZoneMeshLayer extends Layer<ZoneMeshLayerProps> {
  static override layerName = 'ZoneMeshLayer';
  static override defaultProps = defaultProps;
  declare state: { model?: Model };

  override getShaders(): unknown {
    return super.getShaders({ vs, fs, modules: [project32, color, zoneMeshUniforms] });
  }

  override initializeState(): void {
    this.getAttributeManager()?.addInstanced({
      instanceCentres: { size: 3, type: 'float64', fp64: this.use64bitPositions(), accessor: 'getCentre' },
      instanceCornersA: { size: 4, type: 'float32', accessor: 'getCornersA' },
      instanceCornersB: { size: 4, type: 'float32', accessor: 'getCornersB' },
      instanceCornersC: { size: 4, type: 'float32', accessor: 'getCornersC' },
      instanceFills: { size: 4, type: 'unorm8', accessor: 'getFill' },
    });
  }

  override updateState(params: UpdateParameters<this>): void {
    super.updateState(params);
    if (!params.changeFlags.extensionsChanged) return;
    this.state.model?.destroy();
    this.state.model = this.#model();
    this.getAttributeManager()?.invalidateAll();
  }

  override draw(): void {
    const { model } = this.state;
    if (!model) return;
    model.shaderInputs.setProps({
      zoneMesh: { hatchPixels: this.props.hatchPixels, gapPixels: this.props.gapPixels },
    });
    model.draw(this.context.renderPass);
  }

  #model(): Model {
    return new Model(this.context.device, {
      ...(this.getShaders() as Record<string, unknown>),
      id: this.props.id,
      bufferLayout: this.getAttributeManager()?.getBufferLayouts() ?? [],
      geometry: new Geometry({
        topology: 'triangle-strip',
        vertexCount: 6,
        attributes: {
          // Zigzag over a convex outline: six vertices instead of a fan's twelve; a rectangle's last triangles have no area.
          cornerIndex: { size: 1, value: new Float32Array([0, 1, 5, 2, 4, 3]) },
        },
      }),
      isInstanced: true,
    } as ConstructorParameters<typeof Model>[1]);
  }
}
